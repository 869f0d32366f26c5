"""Commands about deliveries: ``outbox list|show|retry|drop``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from alerts.amount import amount
from monitor.cli import console
from monitor.cli.exits import Exit
from monitor.cli.invocation import Invocation, invoked

if TYPE_CHECKING:
    from alerts.model import Delivery, Message
    from monitor.ports import Store


@click.group("outbox")
def outbox_group() -> None:
    """See and steer deliveries. Dead letters stay here until you decide."""


@outbox_group.command("list")
@click.option("--state", "states", multiple=True, type=click.Choice(["pending", "sent", "failed", "dead"]))
@click.option("--limit", type=click.IntRange(min=1), default=1000, show_default=True, metavar="N", help="The newest N.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@invoked
def list_command(invocation: Invocation, states: tuple[str, ...], limit: int, as_json: bool) -> int:
    """List deliveries, newest first.

    \b
    Example:  newsbell outbox list --state dead
    """
    with invocation.application() as application:
        found = application.store.deliveries(states=states, limit=limit)
        if len(found) == limit and not invocation.quiet:
            _tell_of_more(application.store, states, limit)
        if as_json:
            console.show_json([_row(delivery) for delivery in found])
        elif found:
            console.table(
                [
                    (
                        d.message.key[:12],
                        d.message.profile,
                        d.message.channel,
                        d.message.recipient,
                        d.state.value,
                        d.attempts,
                        console.local(d.next_attempt),
                        d.reason,
                    )
                    for d in found
                ],
                ["id", "profile", "channel", "recipient", "state", "attempts", "next try", "error"],
            )
        elif not invocation.quiet:
            console.note("The outbox is empty.")
    return Exit.OK


def _tell_of_more(store: Store, states: tuple[str, ...], shown: int) -> None:
    counts = store.tally().deliveries
    if more := sum(counts.get(state, 0) for state in states or counts) - shown:
        console.note(
            f"{amount(more, 'older delivery is', 'older deliveries are')} not listed; see --limit and --state."
        )


def _row(delivery: Delivery) -> dict[str, object]:
    return {
        "id": delivery.message.key,
        "profile": delivery.message.profile,
        "channel": delivery.message.channel,
        "recipient": delivery.message.recipient,
        "subject": delivery.message.subject,
        "state": delivery.state.value,
        "attempts": delivery.attempts,
        "created": delivery.created,
        "next": delivery.next_attempt,
        "error": delivery.error,
    }


@outbox_group.command("show")
@click.argument("key", metavar="ID")
@click.option("--json", "as_json", is_flag=True, help="Print JSON without the message.")
@click.option("--raw", is_flag=True, help="A mail as it is sent, all parts encoded.")
@invoked
def show_command(invocation: Invocation, key: str, as_json: bool, raw: bool) -> int:
    """Show one delivery and its message. Of a mail the headers and the text; a beginning of the ID is enough.

    \b
    Example:  newsbell outbox show 4be1
    """
    with invocation.application() as application:
        delivery = _find(application.store, key)
        row = _row(delivery)
        if as_json:
            console.show_json(row)
        else:
            row |= {"created": console.local(delivery.created), "next": console.local(delivery.next_attempt)}
            for name, value in row.items():
                console.say(f"{name + ':':11}{value}")
            console.say()
            sent = delivery.message.body.decode("utf-8", "replace")
            console.say(sent if raw else _mail_text(delivery.message) or sent)
    return Exit.OK


def _mail_text(message: Message) -> str:
    """The headers and the text part of a mail, decoded; nothing of another message."""
    from email import policy
    from email.message import EmailMessage
    from email.parser import BytesParser

    if message.content_type != "message/rfc822":
        return ""
    mail = BytesParser(EmailMessage, policy=policy.default).parsebytes(message.body)
    text = mail.get_body(("plain",))
    headers = (f"{name}: {value}" for name, value in mail.items() if name != "Content-Type")
    return "\n".join((*headers, "", text.get_content())) if text else ""


@outbox_group.command("retry")
@click.argument("keys", metavar="[ID]...", nargs=-1)
@click.option("--dead", is_flag=True, help="All dead letters.")
@invoked
def retry_command(invocation: Invocation, keys: tuple[str, ...], dead: bool) -> int:
    """Make failed or dead deliveries due again; the next pass sends them.

    \b
    Example:  newsbell outbox retry --dead && newsbell run
    """
    with invocation.locked(), invocation.application() as application:
        store = application.store
        chosen = [_find(store, key).message.key for key in keys]
        if not chosen and not dead:
            raise click.UsageError("name a delivery, or --dead for all dead letters")
        now = application.clock.now()
        count = store.retry(chosen, now)
        while dead and (page := store.deliveries(states=("dead",))):
            count += store.retry([delivery.message.key for delivery in page], now)
    if not invocation.quiet:
        console.note(f"{amount(count, 'delivery is', 'deliveries are')} due again.")
    return Exit.OK


@outbox_group.command("drop")
@click.argument("keys", metavar="ID...", nargs=-1, required=True)
@invoked
def drop_command(invocation: Invocation, keys: tuple[str, ...]) -> int:
    """Forget deliveries that are not sent.

    \b
    Example:  newsbell outbox drop 4be1
    """
    with invocation.locked(), invocation.application() as application:
        count = application.store.drop([_find(application.store, key).message.key for key in keys])
    if not invocation.quiet:
        console.note(f"{amount(count, 'delivery', 'deliveries')} dropped.")
    return Exit.OK


def _find(store: Store, key: str) -> Delivery:
    delivery = store.delivery(key)
    if delivery is None:
        raise click.UsageError(f"no single delivery begins with '{key}' (see: newsbell outbox list)")
    return delivery


COMMANDS = (outbox_group,)
