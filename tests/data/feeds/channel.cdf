<?xml version="1.0"?>
<CHANNEL HREF="http://quay.example/index.html">
  <TITLE>Quay Channel</TITLE>
  <ABSTRACT>Pushed to your desktop</ABSTRACT>
  <ITEM HREF="http://quay.example/one.html"><TITLE>Tide tables</TITLE><ABSTRACT>High water at noon.</ABSTRACT></ITEM>
  <ITEM HREF="http://quay.example/two.html"><TITLE>New moorings</TITLE></ITEM>
</CHANNEL>
