<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de" sourcelanguage="en">
  <context>
    <name>MSA Search</name>
    <message>
      <location filename="qgis_msa_plugin/batch/area_bar.py" />
      <source>No area is drawn: press Draw, and click its corners on the map.</source>
      <translation>Es ist kein Gebiet gezeichnet: Drücken Sie „Zeichnen“, und klicken Sie die Ecken auf der Karte.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/batch/area_bar.py" />
      <source>Area</source>
      <translation>Gebiet</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/batch/area_bar.py" />
      <source>Whole rasters</source>
      <translation>Ganze Raster</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/batch/area_bar.py" />
      <source>Map view</source>
      <translation>Kartenansicht</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/batch/area_bar.py" />
      <source>Polygon layer</source>
      <translation>Polygonlayer</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/batch/area_bar.py" />
      <source>Drawn polygon</source>
      <translation>Gezeichnetes Polygon</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/batch/area_bar.py" />
      <source>Where to search; areas of hits are counted inside only</source>
      <translation>Wo gesucht wird; Flächen von Treffern zählen nur innerhalb</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/batch/area_bar.py" />
      <source>selected only</source>
      <translation>nur ausgewählte</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/batch/area_bar.py" />
      <source>only tiles centred inside</source>
      <translation>nur Kacheln, deren Mitte innen liegt</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/batch/area_bar.py" />
      <source>Else whole tiles that touch the area count, too. Either way areas are counted inside only.</source>
      <translation>Sonst zählen auch ganze Kacheln, die das Gebiet berühren. Flächen zählen in jedem Fall nur innerhalb.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/batch/area_bar.py" />
      <source>Draw</source>
      <translation>Zeichnen</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/batch/area_bar.py" />
      <source>Click the corners on the map; a right click or Enter ends, Backspace takes the last one back</source>
      <translation>Klicken Sie die Ecken auf der Karte; Rechtsklick oder Eingabetaste beendet, die Rücktaste nimmt die letzte zurück</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/batch/costs.py" />
      <source>and {n} more</source>
      <translation>und {n} weitere</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/batch/costs.py" />
      <source>{rasters} rasters, {tiles}</source>
      <translation>{rasters} Raster, {tiles}</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/batch/costs.py" />
      <source>{tiles} tiles</source>
      <translation>{tiles} Kacheln</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/batch/costs.py" />
      <source>all indexed</source>
      <translation>alle erfasst</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/batch/costs.py" />
      <source>{n} tiles to scan</source>
      <translation>{n} Kacheln zu erfassen</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/batch/costs.py" />
      <source>{n} indexed</source>
      <translation>{n} erfasst</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/batch/costs.py" />
      <source>{n} to scan</source>
      <translation>{n} zu erfassen</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/batch/costs.py" />
      <source>{disk} on disk</source>
      <translation>{disk} auf der Platte</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/batch/costs.py" />
      <source>Working out what the scan costs…</source>
      <translation>Ermittle, was das Erfassen kostet …</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/batch/form.py" />
      <source>Queries, one a line</source>
      <translation>Anfragen, eine je Zeile</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/batch/form.py" />
      <source>One query a line, for example:
a swimming pool
tennis court + trees</source>
      <translation>Eine Anfrage je Zeile, zum Beispiel:
ein Schwimmbad
Tennisplatz + Bäume</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/batch/form.py" />
      <source>What to look for: each line is a query of its own, in the search's grammar</source>
      <translation>Was gesucht wird: Jede Zeile ist eine eigene Anfrage in der Schreibweise der Suche</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/batch/form.py" />
      <source>Watch-lists (*.csv *.txt)</source>
      <translation>Suchlisten (*.csv *.txt)</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/batch/form.py" />
      <source>Watch-list</source>
      <translation>Suchliste</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/batch/form.py" />
      <source>and a watch-list (CSV), if any</source>
      <translation>dazu eine Suchliste (CSV)</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/batch/form.py" />
      <source>A CSV file with a column 'query' (and 'name', 'min_score'), or a text file, a query a line</source>
      <translation>Eine CSV-Datei mit einer Spalte „query“ (und „name“, „min_score“) oder eine Textdatei mit einer Anfrage je Zeile</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/batch/form.py" />
      <source>There is no file {path}.</source>
      <translation>Es gibt keine Datei {path}.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/batch/form.py" />
      <source>There is no query: type one a line, or choose a watch-list.</source>
      <translation>Es gibt keine Anfrage: Schreiben Sie eine je Zeile, oder wählen Sie eine Suchliste.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/batch/form.py" />
      <source>Line {number}: {sentence}</source>
      <translation>Zeile {number}: {sentence}</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/batch/form.py" />
      <source>No file is named for the results.</source>
      <translation>Für die Ergebnisse ist keine Datei genannt.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/batch/form.py" />
      <source>There is no folder {path} for the results.</source>
      <translation>Es gibt keinen Ordner {path} für die Ergebnisse.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/batch/form.py" />
      <source>GeoPackage (*.gpkg)</source>
      <translation>GeoPackage (*.gpkg)</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/batch/form.py" />
      <source>GeoPackage that takes the hits as they come</source>
      <translation>GeoPackage, das die Treffer aufnimmt, sobald sie kommen</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/batch/form.py" />
      <source>HTML report</source>
      <translation>HTML-Bericht</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/batch/form.py" />
      <source>Write a page with counts, areas and pictures beside the GeoPackage</source>
      <translation>Neben dem GeoPackage eine Seite mit Anzahlen, Flächen und Bildern schreiben</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/batch/form.py" />
      <source>one per place</source>
      <translation>einer je Ort</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/batch/form.py" />
      <source>Of tiles that overlap, at whichever scale, only the best is kept</source>
      <translation>Von Kacheln, die einander überlappen, gleich in welcher Größe, bleibt nur die beste</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/batch/form.py" />
      <source>best</source>
      <translation>beste</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/batch/form.py" />
      <source>Hits per query and raster</source>
      <translation>Treffer je Anfrage und Raster</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/batch/form.py" />
      <source>At most so many hits per query and raster</source>
      <translation>Höchstens so viele Treffer je Anfrage und Raster</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/batch/form.py" />
      <source>Least match</source>
      <translation>Passt mindestens</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/batch/form.py" />
      <source>every match</source>
      <translation>alle Treffer</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/batch/form.py" />
      <source>weak and better</source>
      <translation>passt kaum und besser</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/batch/form.py" />
      <source>likely and better</source>
      <translation>passt wahrscheinlich und besser</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/batch/form.py" />
      <source>strong only</source>
      <translation>passt sehr gut</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/batch/form.py" />
      <source>Leave out hits that match less.</source>
      <translation>Treffer weglassen, die schlechter passen.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/batch/form.py" />
      <source>Start sca&amp;n</source>
      <translation>&amp;Scan starten</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/batch/form.py" />
      <source>Queue this scan; it goes on when QGIS or the machine went down</source>
      <translation>Diesen Scan einreihen; er geht weiter, auch wenn QGIS oder der Rechner ausfiel</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/batch/form.py" />
      <source>Rasters</source>
      <translation>Raster</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/batch/form.py" />
      <source>&amp;Queries</source>
      <translation>An&amp;fragen</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/batch/form.py" />
      <source>&amp;Area</source>
      <translation>&amp;Gebiet</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/batch/form.py" />
      <source>Resul&amp;ts</source>
      <translation>Ergebn&amp;isse</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/batch/job_list.py" />
      <source>in another QGIS</source>
      <translation>in einem anderen QGIS</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/batch/job_list.py" />
      <source>interrupted</source>
      <translation>unterbrochen</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/batch/job_list.py" />
      <source>waiting</source>
      <translation>wartet</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/batch/job_list.py" />
      <source>running</source>
      <translation>läuft</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/batch/job_list.py" />
      <source>stopping…</source>
      <translation>hält an…</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/batch/job_list.py" />
      <source>paused</source>
      <translation>angehalten</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/batch/job_list.py" />
      <source>done</source>
      <translation>fertig</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/batch/job_list.py" />
      <source>failed</source>
      <translation>fehlgeschlagen</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/batch/job_list.py" />
      <source>stopped at {done} of {total}</source>
      <translation>angehalten bei {done} von {total}</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/batch/job_list.py" />
      <source>{done} of {total}</source>
      <translation>{done} von {total}</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/batch/job_list.py" />
      <source>a watch-list · rasters: {rasters}</source>
      <translation>eine Suchliste · Raster: {rasters}</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/batch/job_list.py" />
      <source>queries: {queries} · rasters: {rasters}</source>
      <translation>Anfragen: {queries} · Raster: {rasters}</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/batch/job_list.py" />
      <source>QGIS ended while this scan ran. Resume goes on where it stopped.</source>
      <translation>QGIS endete, während dieser Scan lief. „Fortsetzen“ macht dort weiter.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/batch/job_list.py" />
      <source>{path}: {tiles} tiles ({encoded} scanned, {reused} from the index), {hits} hits</source>
      <translation>{path}: {tiles} Kacheln ({encoded} erfasst, {reused} aus dem Index), {hits} Treffer</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/batch/job_list.py" />
      <source>{hits} hits · {tiles} tiles · {time}</source>
      <translation>{hits} Treffer · {tiles} Kacheln · {time}</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/batch/job_list.py" />
      <source>failed rasters: {n}</source>
      <translation>fehlgeschlagene Raster: {n}</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/batch/job_list.py" />
      <source>Batch scans</source>
      <translation>Stapelscans</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/batch/job_list.py" />
      <source>Resume</source>
      <translation>Fortsetzen</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/batch/job_list.py" />
      <source>Pause</source>
      <translation>Anhalten</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/batch/job_list.py" />
      <source>Show</source>
      <translation>Zeigen</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/batch/job_list.py" />
      <source>Report</source>
      <translation>Bericht</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/batch/job_list.py" />
      <source>Go on where the scan ended</source>
      <translation>Dort weitermachen, wo der Scan endete</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/batch/job_list.py" />
      <source>Stop the scan; what it has scanned and found is kept</source>
      <translation>Den Scan anhalten; was er erfasst und gefunden hat, bleibt</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/batch/job_list.py" />
      <source>Load the hits found so far into the project, by query and raster</source>
      <translation>Die bisher gefundenen Treffer ins Projekt laden, nach Anfrage und Raster</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/batch/job_list.py" />
      <source>Open the report in the browser</source>
      <translation>Den Bericht im Browser öffnen</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/batch/job_list.py" />
      <source>Forget the scan; its results stay on disk</source>
      <translation>Den Scan vergessen; seine Ergebnisse bleiben auf der Platte</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/batch/job_list.py" />
      <source>Remove</source>
      <translation>Entfernen</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/batch/job_list.py" />
      <source>The scans that you start are listed here.</source>
      <translation>Hier stehen die Scans, die Sie starten.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/batch/offer.py" />
      <source>MSA Search</source>
      <translation>MSA Search</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/batch/offer.py" />
      <source>Go on where the scan was interrupted</source>
      <translation>Dort weitermachen, wo der Scan unterbrochen wurde</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/batch/offer.py" />
      <source>{n} batch scans were interrupted.</source>
      <translation>{n} Stapelscans wurden unterbrochen.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/batch/offer.py" />
      <source>The batch scan '{name}' was interrupted.</source>
      <translation>Der Stapelscan „{name}“ wurde unterbrochen.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/batch/offer.py" />
      <source>The batch scan '{name}' was interrupted at {done} of {total} tiles.</source>
      <translation>Der Stapelscan „{name}“ wurde bei {done} von {total} Kacheln unterbrochen.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/batch/panel.py" />
      <source>The scan cannot be kept: {error}</source>
      <translation>Der Scan kann nicht aufbewahrt werden: {error}</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/batch/panel.py" />
      <source>The batch scan '{name}' is done.</source>
      <translation>Der Stapelscan „{name}“ ist fertig.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/batch/panel.py" />
      <source>There is no report {path} yet: it is written when the scan ends.</source>
      <translation>Es gibt noch keinen Bericht {path}: Er wird am Ende des Scans geschrieben.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/batch/queue.py" />
      <source>'{name}' writes its results to {out}: resume or remove it, or choose another file.</source>
      <translation>„{name}“ schreibt seine Ergebnisse nach {out}: Setzen Sie ihn fort, entfernen Sie ihn, oder wählen Sie eine andere Datei.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/batch/raster_list.py" />
      <source>Rasters to scan</source>
      <translation>Raster, die erfasst werden</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/batch/raster_list.py" />
      <source>Tick the rasters that every query is asked of</source>
      <translation>Haken Sie die Raster an, an die jede Anfrage geht</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/batch/raster_list.py" />
      <source>No raster is ticked: tick layers, or add files.</source>
      <translation>Kein Raster ist angehakt: Haken Sie Layer an, oder fügen Sie Dateien hinzu.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/batch/raster_list.py" />
      <source>The worker runs on another machine and cannot read {path}: add it to the project.</source>
      <translation>Der Worker läuft auf einem anderen Rechner und kann {path} nicht lesen: Nehmen Sie das Raster ins Projekt auf.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/batch/raster_list.py" />
      <source>Add &amp;files…</source>
      <translation>Da&amp;teien hinzufügen…</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/batch/raster_list.py" />
      <source>Scan rasters that are not in the project</source>
      <translation>Raster erfassen, die nicht im Projekt sind</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/batch/raster_list.py" />
      <source>All</source>
      <translation>Alle</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/batch/raster_list.py" />
      <source>Tick every raster</source>
      <translation>Alle Raster anhaken</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/batch/raster_list.py" />
      <source>None</source>
      <translation>Keine</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/batch/raster_list.py" />
      <source>Tick no raster</source>
      <translation>Kein Raster anhaken</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/batch/raster_list.py" />
      <source>Compare two dates</source>
      <translation>Zwei Zeitpunkte vergleichen</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/batch/raster_list.py" />
      <source>Lines like “appeared: houses” are asked of these two layers</source>
      <translation>Zeilen wie „appeared: houses“ werden diesen beiden Layern gestellt</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/batch/raster_list.py" />
      <source>Before and after must be two layers of one place.</source>
      <translation>Vorher und Nachher müssen zwei Layer eines Ortes sein.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/batch/remote.py" />
      <source>The worker runs on another machine and cannot read {path}: compare two layers instead.</source>
      <translation>Der Worker läuft auf einem anderen Rechner und kann {path} nicht lesen: Vergleichen Sie stattdessen zwei Layer.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/batch/remote.py" />
      <source>{path} exists: results from a worker on another machine go to a file of their own.</source>
      <translation>{path} gibt es schon: Ergebnisse eines Workers auf einem anderen Rechner kommen in eine eigene Datei.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/batch/remote.py" />
      <source>The results cannot be written to {path}: {reason}</source>
      <translation>Die Ergebnisse lassen sich nicht nach {path} schreiben: {reason}</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/batch/remote.py" />
      <source>The worker has written {path} where this machine does not see it.</source>
      <translation>Der Worker hat {path} dort geschrieben, wo dieser Rechner es nicht sieht.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/batch/results.py" />
      <source>There are no results in {path} yet.</source>
      <translation>In {path} sind noch keine Ergebnisse.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/batch/results.py" />
      <source>{n} of {hits}</source>
      <translation>{n} von {hits}</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/batch/results.py" />
      <source>Review</source>
      <translation>Beurteilung</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/batch/results.py" />
      <source>List the hits of a query on a raster in the Search tab, to accept or reject them</source>
      <translation>Die Treffer einer Anfrage auf einem Raster im Reiter Suche auflisten, um sie anzunehmen oder abzulehnen</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/batch/results.py" />
      <source>No hits yet</source>
      <translation>Noch keine Treffer</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/describe/describe_words.py" />
      <source>{side} of '{layer}':</source>
      <translation>{side} von „{layer}“:</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/describe/describe_words.py" />
      <source>(only {share} % has pixels)</source>
      <translation>(nur {share} % haben Pixel)</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/describe/describe_words.py" />
      <source>Keywords: {words}</source>
      <translation>Stichwörter: {words}</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/describe/describe_words.py" />
      <source>All of it</source>
      <translation>Alles</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/describe/describe_words.py" />
      <source>mean of {n} windows</source>
      <translation>Mittel aus {n} Fenstern</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/describe/describe_words.py" />
      <source>No phrase fits.</source>
      <translation>Keine Phrase passt.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/describe/describe_words.py" />
      <source>This model is not calibrated for descriptions: the nearest phrases, fitting or not.</source>
      <translation>Dieses Modell ist für Beschreibungen nicht kalibriert: die nächstliegenden Phrasen, passend oder nicht.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/describe/describe_words.py" />
      <source>At {side}</source>
      <translation>Bei {side}</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/describe/describe_words.py" />
      <source>From {was} to {now}.</source>
      <translation>Von „{was}“ zu „{now}“.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/describe/describe_words.py" />
      <source>No change stands out here: {now}.</source>
      <translation>Hier hebt sich keine Änderung ab: {now}.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/describe/describe_words.py" />
      <source>Gained: {phrases}</source>
      <translation>Gewonnen: {phrases}</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/describe/describe_words.py" />
      <source>Lost: {phrases}</source>
      <translation>Verloren: {phrases}</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/describe/describer.py" />
      <source>There is no raster layer to describe: choose one in the dock first.</source>
      <translation>Es gibt keinen Rasterlayer zum Beschreiben: Wählen Sie zuerst einen im Panel.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/describe/describer.py" />
      <source>No polygon is selected: choose a polygon layer and select one of its features.</source>
      <translation>Kein Polygon ist ausgewählt: Wählen Sie einen Polygonlayer und darin ein Objekt.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/describe/describer.py" />
      <source>The layer '{name}' has no CRS.</source>
      <translation>Der Layer „{name}“ hat kein KBS.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/describe/describer.py" />
      <source>The selected polygon has no area.</source>
      <translation>Das ausgewählte Polygon hat keine Fläche.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/describe/features_dialog.py" />
      <source>Describe a polygon layer</source>
      <translation>Einen Polygonlayer beschreiben</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/describe/features_dialog.py" />
      <source>&amp;Layer</source>
      <translation>&amp;Layer</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/describe/features_dialog.py" />
      <source>&amp;Field</source>
      <translation>&amp;Feld</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/describe/features_dialog.py" />
      <source>&amp;Write</source>
      <translation>&amp;Schreiben</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/describe/features_dialog.py" />
      <source>&amp;Phrases</source>
      <translation>&amp;Phrasen</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/describe/features_dialog.py" />
      <source>&amp;Window</source>
      <translation>Fe&amp;nster</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/describe/features_dialog.py" />
      <source>Describe</source>
      <translation>Beschreiben</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/describe/features_dialog.py" />
      <source>as large as the feature</source>
      <translation>so groß wie das Objekt</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/describe/features_dialog.py" />
      <source>The polygons to describe</source>
      <translation>Die Polygone, die beschrieben werden</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/describe/features_dialog.py" />
      <source>&amp;Selected features only</source>
      <translation>Nur au&amp;sgewählte Objekte</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/describe/features_dialog.py" />
      <source>Leave the other features as they are</source>
      <translation>Die anderen Objekte bleiben, wie sie sind</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/describe/features_dialog.py" />
      <source>The field that takes the description; it is added where it is missing</source>
      <translation>Das Feld, das die Beschreibung aufnimmt; es wird angelegt, wo es fehlt</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/describe/features_dialog.py" />
      <source>phrases</source>
      <translation>Phrasen</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/describe/features_dialog.py" />
      <source>keywords</source>
      <translation>Stichwörter</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/describe/features_dialog.py" />
      <source>The best phrases, or the words that they have in common</source>
      <translation>Die besten Phrasen oder die Wörter, die sie gemeinsam haben</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/describe/features_dialog.py" />
      <source>How many phrases or keywords</source>
      <translation>Wie viele Phrasen oder Stichwörter</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/describe/features_dialog.py" />
      <source>Side of the windows that are looked at</source>
      <translation>Seite der Fenster, die angesehen werden</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/describe/features_dialog.py" />
      <source>Choose a polygon layer, and a name for the field.</source>
      <translation>Wählen Sie einen Polygonlayer und einen Namen für das Feld.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/describe/field_writer.py" />
      <source>The layer '{name}' cannot be edited.</source>
      <translation>Der Layer „{name}“ kann nicht bearbeitet werden.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/describe/field_writer.py" />
      <source>Describe features</source>
      <translation>Objekte beschreiben</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/describe/field_writer.py" />
      <source>The attributes of the layer '{name}' cannot be changed here.</source>
      <translation>Die Attribute des Layers „{name}“ können hier nicht geändert werden.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/describe/field_writer.py" />
      <source>The field '{field}' of '{name}' is none for text: choose another name.</source>
      <translation>Das Feld „{field}“ von „{name}“ nimmt keinen Text auf: Wählen Sie einen anderen Namen.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/describe/field_writer.py" />
      <source>The layer '{layer}' takes no field '{field}'.</source>
      <translation>Der Layer „{layer}“ nimmt kein Feld „{field}“ auf.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/describe/field_writer.py" />
      <source>The polygon that was described has gone.</source>
      <translation>Das Polygon, das beschrieben wurde, ist nicht mehr da.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/describe/field_writer.py" />
      <source>Descriptions</source>
      <translation>Beschreibungen</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/describe/many.py" />
      <source>Features are being described already: wait for it, or cancel it.</source>
      <translation>Es werden schon Objekte beschrieben: Warten Sie, oder brechen Sie ab.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/describe/many.py" />
      <source>No feature of the layer '{name}' is selected.</source>
      <translation>Kein Objekt des Layers „{name}“ ist ausgewählt.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/describe/many.py" />
      <source>The layer '{name}' has no features.</source>
      <translation>Der Layer „{name}“ hat keine Objekte.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/describe/panel.py" />
      <source>Descri&amp;be a place</source>
      <translation>Einen &amp;Ort beschreiben</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/describe/panel.py" />
      <source>Click on the map, or drag a box, and read which phrases fit it best</source>
      <translation>Klicken Sie auf die Karte, oder ziehen Sie ein Rechteck auf, und lesen Sie, welche Phrasen am besten passen</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/describe/panel.py" />
      <source>Side of the square around a click, on the ground</source>
      <translation>Seite des Quadrats um einen Klick, am Boden gemessen</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/describe/panel.py" />
      <source>Size of the described square</source>
      <translation>Größe des beschriebenen Quadrats</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/describe/panel.py" />
      <source>Selection</source>
      <translation>Auswahl</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/describe/panel.py" />
      <source>Describe the selected polygon of the active layer</source>
      <translation>Das ausgewählte Polygon des aktiven Layers beschreiben</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/describe/panel.py" />
      <source>Layer…</source>
      <translation>Layer…</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/describe/panel.py" />
      <source>Describe every feature of a polygon layer into one of its fields</source>
      <translation>Jedes Objekt eines Polygonlayers in eines seiner Felder beschreiben</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/describe/panel.py" />
      <source>Copy</source>
      <translation>Kopieren</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/describe/panel.py" />
      <source>Copy the description as text</source>
      <translation>Die Beschreibung als Text kopieren</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/describe/panel.py" />
      <source>Add to table</source>
      <translation>In die Tabelle</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/describe/panel.py" />
      <source>Write the phrases into the polygon's attributes, or the place into the layer 'Descriptions'</source>
      <translation>Die Phrasen in die Attribute des Polygons schreiben, oder den Ort in den Layer „Beschreibungen“</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/describe/panel.py" />
      <source>Ca&amp;ncel</source>
      <translation>Abbre&amp;chen</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/describe/panel.py" />
      <source>Stop describing features; what is written stays</source>
      <translation>Nicht weiter beschreiben; was geschrieben ist, bleibt</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/describe/panel.py" />
      <source>Written to the attributes of '{name}'; save the layer's edits to keep it.</source>
      <translation>In die Attribute von „{name}“ geschrieben; speichern Sie die Änderungen des Layers, damit es bleibt.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/describe/panel.py" />
      <source>Written to the layer '{name}'.</source>
      <translation>In den Layer „{name}“ geschrieben.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/describe/panel.py" />
      <source>Features described: {n}. Save the layer's edits to keep it.</source>
      <translation>Beschriebene Objekte: {n}. Speichern Sie die Änderungen des Layers, damit es bleibt.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/describe/panel.py" />
      <source>Features that no phrase fits: {n}.</source>
      <translation>Objekte, auf die keine Phrase passt: {n}.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/describe/panel.py" />
      <source>Features with no pixels below them: {n}.</source>
      <translation>Objekte ohne Pixel darunter: {n}.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/describe/panel.py" />
      <source>Looking…</source>
      <translation>Sehe nach…</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/describe/panel.py" />
      <source>Click on the map, or drag a box.</source>
      <translation>Klicken Sie auf die Karte, oder ziehen Sie ein Rechteck auf.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/describe/panel.py" />
      <source>Press the button, then click on the map or drag a box: what is there is told here.</source>
      <translation>Drücken Sie die Schaltfläche, klicken Sie dann auf die Karte oder ziehen Sie ein Rechteck auf: Hier steht, was dort ist.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/describe/panel.py" />
      <source>Auto</source>
      <translation>Auto</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/describe/phrase_editor.py" />
      <source>Phrases of MSA Search</source>
      <translation>Phrasen von MSA Search</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/describe/phrase_editor.py" />
      <source>{n} phrases from {path}.</source>
      <translation>{n} Phrasen aus {path}.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/describe/phrase_editor.py" />
      <source>Read as {encoding}; it is saved as UTF-8.</source>
      <translation>Als {encoding} gelesen; gespeichert wird als UTF-8.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/describe/phrase_editor.py" />
      <source>{path} holds more than phrases and stays as it is; what you save goes to {place}.</source>
      <translation>{path} enthält mehr als Phrasen und bleibt, wie es ist; was Sie speichern, kommt nach {place}.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/describe/phrase_editor.py" />
      <source>There is no phrase to keep.</source>
      <translation>Es gibt keine Phrase zu behalten.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/describe/phrase_editor.py" />
      <source>{path} cannot be written: {reason}.</source>
      <translation>{path} kann nicht geschrieben werden: {reason}.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/describe/phrase_editor.py" />
      <source>{path} was changed by another program meanwhile and stays; Save puts yours in {place}.</source>
      <translation>{path} wurde inzwischen von einem anderen Programm geändert und bleibt; Speichern legt Ihre Phrasen in {place} ab.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/describe/phrase_editor.py" />
      <source>Drop what you have changed?</source>
      <translation>Ihre Änderungen verwerfen?</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/describe/phrase_editor.py" />
      <source>Phrases</source>
      <translation>Phrasen</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/describe/phrase_editor.py" />
      <source>Phrase</source>
      <translation>Phrase</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/describe/phrase_editor.py" />
      <source>Category</source>
      <translation>Art</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/describe/phrase_editor.py" />
      <source>What a place may be called, in English, as below a picture of it</source>
      <translation>Wie ein Ort heißen kann, auf Englisch, wie unter einem Bild davon</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/describe/phrase_editor.py" />
      <source>&amp;Add</source>
      <translation>&amp;Hinzufügen</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/describe/phrase_editor.py" />
      <source>&amp;Remove</source>
      <translation>&amp;Entfernen</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/describe/phrase_editor.py" />
      <source>&amp;Import…</source>
      <translation>&amp;Importieren…</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/describe/phrase_editor.py" />
      <source>&amp;Shipped phrases</source>
      <translation>&amp;Mitgelieferte Phrasen</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/describe/phrase_editor.py" />
      <source>Tables (*.csv *.txt);;All files (*)</source>
      <translation>Tabellen (*.csv *.txt);;Alle Dateien (*)</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/describe/phrase_list.py" />
      <source>{phrase}
{match}, score {score}. {scale}
It is what the cosine between phrase and picture ({cosine}) is worth beside that of other phrases.</source>
      <translation>{phrase}
{match}, Wert {score}. {scale}
Er sagt, was der Kosinus zwischen Phrase und Bild ({cosine}) neben dem anderer Phrasen wert ist.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/desktop.py" />
      <source>Search rasters by describing what to find</source>
      <translation>Raster durchsuchen, indem man beschreibt, was man finden will</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/desktop.py" />
      <source>Search by Words</source>
      <translation>Mit Worten suchen</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/answer_bar.py" />
      <source>Zoom to all hits (F)</source>
      <translation>Auf alle Treffer zoomen (F)</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/answer_bar.py" />
      <source>Pictures side by side, or a list (G)</source>
      <translation>Bilder nebeneinander oder eine Liste (G)</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/answer_bar.py" />
      <source>The worker is starting…</source>
      <translation>Der Arbeitsprozess startet…</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/answer_bar.py" />
      <source>Searching…</source>
      <translation>Suche…</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/answer_bar.py" />
      <source>{n} of {tiles} tiles so far</source>
      <translation>{n} von {tiles} Kacheln bisher</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/answer_bar.py" />
      <source>Not scanned yet</source>
      <translation>Noch nicht gescannt</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/answer_bar.py" />
      <source>{n} of {tiles} tiles</source>
      <translation>{n} von {tiles} Kacheln</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/answer_bar.py" />
      <source>{counted}: {query}</source>
      <translation>{counted}: {query}</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/answer_bar.py" />
      <source>{n} weak match in {tiles} tiles</source>
      <translation>{n} Ort in {tiles} Kacheln passt kaum</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/answer_bar.py" />
      <source>{n} weak matches in {tiles} tiles</source>
      <translation>{n} Orte in {tiles} Kacheln passen kaum</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/answer_bar.py" />
      <source>{n} match in {tiles} tiles</source>
      <translation>{n} passend von {tiles} Kacheln</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/answer_bar.py" />
      <source>{n} matches in {tiles} tiles</source>
      <translation>{n} passend von {tiles} Kacheln</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/answer_bar.py" />
      <source>Not read as English; the shares of words need English.</source>
      <translation>Nicht als Englisch gelesen; Wörter werten geht nur auf Englisch.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/answer_bar.py" />
      <source>This does not look English. Other languages need a package that the worker lacks: repair it.</source>
      <translation>Das sieht nicht englisch aus. Für andere Sprachen fehlt dem Worker ein Paket: reparieren Sie ihn.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/answer_bar.py" />
      <source>No place here matches well. “Show more” lists those that come nearest.</source>
      <translation>Kein Ort hier passt gut. „Mehr zeigen“ listet die nächstbesten auf.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/answer_bar.py" />
      <source>The filters above hide every hit.</source>
      <translation>Die Filter oben blenden alle Treffer aus.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/answer_bar.py" />
      <source>Nothing is scanned here yet. Press Enter in the query to scan it.</source>
      <translation>Hier ist noch nichts gescannt. Enter in der Anfrage scannt es.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/answer_bar.py" />
      <source>No tile was found in this area.</source>
      <translation>In diesem Gebiet wurde keine Kachel gefunden.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/answer_bar.py" />
      <source>The first hits appear here in a moment.</source>
      <translation>Die ersten Treffer erscheinen hier gleich.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/answer_bar.py" />
      <source>Searching needs the worker: the button below sets it up or starts it again.</source>
      <translation>Die Suche braucht den Arbeitsprozess: Die Schaltfläche unten richtet ihn ein oder startet ihn neu.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/answer_bar.py" />
      <source>Add a raster layer, then describe what you want to find in it.</source>
      <translation>Fügen Sie einen Rasterlayer hinzu, und beschreiben Sie dann, was Sie darin suchen.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/answer_bar.py" />
      <source>Type what you want to see, for example “a bridge over a wide river”, and press Enter.</source>
      <translation>Schreiben Sie, was Sie sehen möchten, zum Beispiel „eine Brücke über einen breiten Fluss“, und drücken Sie die Eingabetaste.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/answer_bar.py" />
      <source>Type what you want to see, for example “a bridge over a wide river”, and press Enter.

The first search scans the layer; later ones answer at once.</source>
      <translation>Schreiben Sie, was Sie sehen möchten, zum Beispiel „eine Brücke über einen breiten Fluss“, und drücken Sie die Eingabetaste.

Die erste Suche erfasst den Layer; spätere antworten sofort.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/batch_review.py" />
      <source>The project has no layer that shows {path}, and there is no such file any more.</source>
      <translation>Das Projekt hat keinen Layer, der {path} zeigt, und die Datei gibt es nicht mehr.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/change_words.py" />
      <source>Change {change}: how much further the place went that way than unchanged ground does.</source>
      <translation>Änderung {change}: wie viel weiter der Ort sich so verändert hat als unveränderter Boden.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/change_words.py" />
      <source>Before ({date}): {phrase}</source>
      <translation>Vorher ({date}): {phrase}</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/change_words.py" />
      <source>After ({date}): {phrase}</source>
      <translation>Nachher ({date}): {phrase}</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/change_words.py" />
      <source>The tile is {scale} wide on the ground; {share} % of its pixels hold data.</source>
      <translation>Die Kachel ist am Boden {scale} breit; {share} % ihrer Pixel enthalten Daten.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/change_words.py" />
      <source>Click to go there: the map changes between the dates. T shows the other date.</source>
      <translation>Ein Klick geht dorthin: Die Karte wechselt zwischen den Zeitpunkten. T zeigt den anderen Zeitpunkt.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/change_words.py" />
      <source>Stands out from unchanged ground.</source>
      <translation>Hebt sich von unverändertem Boden ab.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/change_words.py" />
      <source>Doubtful: unchanged ground may seem to change as far.</source>
      <translation>Zweifelhaft: Auch unveränderter Boden kann sich scheinbar so weit verändern.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/change_words.py" />
      <source>Nothing changed that way, as far as the scores tell.</source>
      <translation>Nichts hat sich so verändert, soweit die Werte es sagen.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/change_words.py" />
      <source>Change of the best places: {change}. Tiles compared: {tiles}. {before} → {after}</source>
      <translation>Änderung der besten Orte: {change}. Verglichene Kacheln: {tiles}. {before} → {after}</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/change_words.py" />
      <source>at none of {n} dates</source>
      <translation>zu keinem von {n} Zeitpunkten</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/change_words.py" />
      <source>{date}, 1 of {n} dates</source>
      <translation>{date}, 1 von {n} Zeitpunkten</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/change_words.py" />
      <source>{first} to {last}, {above} of {n} dates</source>
      <translation>{first} bis {last}, {above} von {n} Zeitpunkten</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/change_words.py" />
      <source>{change} in ten years</source>
      <translation>{change} in zehn Jahren</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/change_words.py" />
      <source>Goes like the place that was chosen: correlation {n}.</source>
      <translation>Verläuft wie der gewählte Ort: Korrelation {n}.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/change_words.py" />
      <source>At its best date like “{phrase}”.</source>
      <translation>Zum besten Zeitpunkt wie „{phrase}“.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/change_words.py" />
      <source>Click to go there: the map shows one date after the other. T shows the next date.</source>
      <translation>Klicken, um hinzugehen: Die Karte zeigt einen Zeitpunkt nach dem anderen. T zeigt den nächsten.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/change_words.py" />
      <source>{date}: no data</source>
      <translation>{date}: keine Daten</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/change_words.py" />
      <source>{date}: match score {score}, {match}</source>
      <translation>{date}: Passung {score}, {match}</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/change_words.py" />
      <source>Stands out at one date or more.</source>
      <translation>Hebt sich zu mindestens einem Zeitpunkt ab.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/change_words.py" />
      <source>Doubtful: the best places hardly stand out at any date.</source>
      <translation>Zweifelhaft: Die besten Orte heben sich zu keinem Zeitpunkt deutlich ab.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/change_words.py" />
      <source>At no date does anything match well, as far as the scores tell.</source>
      <translation>Zu keinem Zeitpunkt passt etwas gut, soweit die Werte es sagen.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/change_words.py" />
      <source>, match score {score}</source>
      <translation>, Passung {score}</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/compare_strip.py" />
      <source>Show the other date (T)</source>
      <translation>Den anderen Zeitpunkt zeigen (T)</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/compare_strip.py" />
      <source>Both dates beside a line on the map: drag it, or press left and right (X)</source>
      <translation>Beide Zeitpunkte beiderseits einer Linie auf der Karte: Die Linie ziehen oder Links und Rechts drücken (X)</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/compare_strip.py" />
      <source>Click on the map to read what changed there</source>
      <translation>Auf die Karte klicken und lesen, was sich dort verändert hat</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/compare_strip.py" />
      <source>{n} layers over time</source>
      <translation>{n} Layer im Zeitverlauf</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/compare_strip.py" />
      <source>Change</source>
      <translation>Änderung</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/compare_strip.py" />
      <source>Kind of change</source>
      <translation>Art der Änderung</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/compare_strip.py" />
      <source>What happened to what is sought; the query can be typed so, too</source>
      <translation>Was mit dem Gesuchten geschah; die Suche kann auch so getippt werden</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/compare_strip.py" />
      <source>appeared: was not there before</source>
      <translation>appeared: war vorher nicht da</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/compare_strip.py" />
      <source>vanished: is gone</source>
      <translation>vanished: ist verschwunden</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/compare_strip.py" />
      <source>became: one thing -&gt; another</source>
      <translation>wurde: eines -&gt; ein anderes</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/compare_strip.py" />
      <source>changed: anything</source>
      <translation>changed: irgendetwas</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/compare_strip.py" />
      <source>over time: a series of layers</source>
      <translation>im Zeitverlauf: eine Reihe von Layern</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/cost_strip.py" />
      <source>Sca&amp;n now</source>
      <translation>Jet&amp;zt scannen</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/cost_strip.py" />
      <source>Scan all of it; Enter in the query says the same</source>
      <translation>Alles scannen; die Eingabetaste in der Suche sagt dasselbe</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/cost_strip.py" />
      <source>No&amp;t now</source>
      <translation>Je&amp;tzt nicht</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/cost_strip.py" />
      <source>Coarse sizes only</source>
      <translation>Nur grobe Größen</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/cost_strip.py" />
      <source>Search only what the map shows</source>
      <translation>Nur das durchsuchen, was die Karte zeigt</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/cost_strip.py" />
      <source>As batch…</source>
      <translation>Als Stapel…</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/cost_strip.py" />
      <source>Take query, layers and area to the Batch tab: its scans outlive QGIS</source>
      <translation>Suche, Layer und Gebiet in den Reiter „Stapel“ übernehmen: Seine Scans überdauern QGIS</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/cost_strip.py" />
      <source>All sizes</source>
      <translation>Alle Größen</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/cost_strip.py" />
      <source>Search small tiles, too, which have to be scanned first</source>
      <translation>Auch kleine Kacheln durchsuchen, die erst gescannt werden müssen</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/cost_strip.py" />
      <source>Build overviews…</source>
      <translation>Pyramiden berechnen…</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/cost_strip.py" />
      <source>Write coarser pixels into a file beside the raster, which stays as it is</source>
      <translation>Gröbere Pixel in eine Datei neben dem Raster schreiben, das bleibt, wie es ist</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/cost_strip.py" />
      <source>Coarse sizes only: {time}</source>
      <translation>Nur grobe Größen: {time}</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/cost_strip.py" />
      <source>Scan only tiles of {scales}</source>
      <translation>Nur Kacheln von {scales} scannen</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/cost_strip.py" />
      <source>Add a raster layer to the map to begin.</source>
      <translation>Fügen Sie der Karte einen Rasterlayer hinzu, um zu beginnen.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/cost_strip.py" />
      <source>All {tiles} tiles are indexed.</source>
      <translation>Alle {tiles} Kacheln sind erfasst.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/cost_strip.py" />
      <source>Hits appear while it runs, and it can be cancelled without loss. Scan?</source>
      <translation>Treffer erscheinen, während er läuft, und er kann ohne Verlust abgebrochen werden. Scannen?</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/cost_strip.py" />
      <source>Coarse sizes only: tiles of {scales}.</source>
      <translation>Nur grobe Größen: Kacheln von {scales}.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/cost_strip.py" />
      <source>The worker is starting; then the cost of the first search is told here.</source>
      <translation>Der Arbeitsprozess startet; dann steht hier, was die erste Suche kostet.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/cost_strip.py" />
      <source>Working out what a search costs…</source>
      <translation>Es wird ermittelt, was eine Suche kostet…</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/cost_strip.py" />
      <source>Tiles of {scales} on the ground; a pixel is {pixel}.
Index: {index}</source>
      <translation>Kacheln von {scales} am Boden; ein Pixel misst {pixel}.
Index: {index}</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/cost_strip.py" />
      <source>Stop the scan; what is indexed is kept</source>
      <translation>Den Scan anhalten; was erfasst ist, bleibt</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/cost_strip.py" />
      <source>Stop opening the index</source>
      <translation>Das Öffnen des Index abbrechen</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/cost_strip.py" />
      <source>Stopping after this batch…</source>
      <translation>Hält nach diesem Schritt an…</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/cost_strip.py" />
      <source>Build overviews in the background?
{files}

They take at most {size}. The rasters stay as they are. Tiles that are indexed already will be compared with them once.</source>
      <translation>Pyramiden im Hintergrund berechnen?
{files}

Sie brauchen höchstens {size}. Die Raster bleiben, wie sie sind. Kacheln, die schon indiziert sind, werden einmal mit ihnen verglichen.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/cost_strip.py" />
      <source>Build overviews</source>
      <translation>Pyramiden berechnen</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/cost_strip.py" />
      <source>&amp;Build</source>
      <translation>&amp;Berechnen</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/cost_strip.py" />
      <source>Overviews are being built; QGIS's list of tasks shows how far they are, and cancels them.</source>
      <translation>Pyramiden werden berechnet; die Aufgabenliste von QGIS zeigt, wie weit sie sind, und bricht sie ab.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/cost_strip.py" />
      <source>The overviews of {name} are built.</source>
      <translation>Die Pyramiden von {name} sind berechnet.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/filter_bar.py" />
      <source>One hit per place</source>
      <translation>Ein Treffer je Ort</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/filter_bar.py" />
      <source>Show one hit for each place: the best of the tiles that overlap there</source>
      <translation>Für jeden Ort einen Treffer zeigen: die beste der Kacheln, die dort überlappen</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/filter_bar.py" />
      <source>Best</source>
      <translation>Beste</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/filter_bar.py" />
      <source>Most hits shown</source>
      <translation>Höchstzahl der gezeigten Treffer</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/filter_bar.py" />
      <source>How many hits are shown at most</source>
      <translation>Wie viele Treffer höchstens gezeigt werden</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/filter_bar.py" />
      <source>Sides of the tiles on the ground</source>
      <translation>Seiten der Kacheln am Boden</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/filter_bar.py" />
      <source>All kinds</source>
      <translation>Alle Arten</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/filter_bar.py" />
      <source>What the tiles look like by the phrase that describes them best</source>
      <translation>Wonach die Kacheln aussehen, der Phrase nach, die sie am besten beschreibt</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/filter_bar.py" />
      <source>Data</source>
      <translation>Daten</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/filter_bar.py" />
      <source>Least share of data</source>
      <translation>Mindestanteil an Daten</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/filter_bar.py" />
      <source>Least share of a tile's pixels that hold data</source>
      <translation>Kleinster Anteil der Pixel einer Kachel, die Daten enthalten</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/filter_bar.py" />
      <source>Hide hits below this score; the search is not run again</source>
      <translation>Treffer unter dieser Bewertung ausblenden; gesucht wird nicht noch einmal</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/filter_bar.py" />
      <source>Filters: score, overlaps, number, sizes, kinds, pixels with data</source>
      <translation>Filter: Wert, Überlappungen, Anzahl, Größen, Arten, Pixel mit Daten</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/filter_bar.py" />
      <source>Filters</source>
      <translation>Filter</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/filter_bar.py" />
      <source>all</source>
      <translation>alle</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/filter_bar.py" />
      <source>{n} at the same places</source>
      <translation>{n} am selben Ort</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/filter_bar.py" />
      <source>{n} below the score</source>
      <translation>{n} unter der Bewertung</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/filter_bar.py" />
      <source>{n} of other sizes</source>
      <translation>{n} in anderen Größen</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/filter_bar.py" />
      <source>{n} of other kinds</source>
      <translation>{n} von anderer Art</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/filter_bar.py" />
      <source>{n} with too few pixels</source>
      <translation>{n} mit zu wenigen Pixeln</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/filter_bar.py" />
      <source>{n} over the limit</source>
      <translation>{n} über der Höchstzahl</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/filter_bar.py" />
      <source>Hidden: {parts}</source>
      <translation>Ausgeblendet: {parts}</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/fold_line.py" />
      <source>Layer and area</source>
      <translation>Layer und Gebiet</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/fold_line.py" />
      <source>Show or hide layer, area and cost</source>
      <translation>Layer, Gebiet und Aufwand zeigen oder verbergen</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/fold_line.py" />
      <source>Where to search</source>
      <translation>Wo gesucht wird</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/fold_line.py" />
      <source>coarse sizes only</source>
      <translation>nur grobe Größen</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/history_chart.py" />
      <source>Counts from match score {n} on.</source>
      <translation>Zählt ab Passung {n}.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/history_chart.py" />
      <source>Match score over time</source>
      <translation>Passung im Zeitverlauf</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/history_panel.py" />
      <source>Places that went like this one</source>
      <translation>Orte mit ähnlichem Verlauf</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/history_panel.py" />
      <source>Rank all places by how alike their scores go over the dates</source>
      <translation>Alle Orte danach ordnen, wie ähnlich ihre Werte über die Zeitpunkte verlaufen</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/hit_actions.py" />
      <source>Copied: {text}</source>
      <translation>Kopiert: {text}</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/hit_actions.py" />
      <source>Go there</source>
      <translation>Dorthin</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/hit_actions.py" />
      <source>Find places like this</source>
      <translation>Orte wie diesen finden</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/hit_actions.py" />
      <source>Copy coordinates</source>
      <translation>Koordinaten kopieren</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/hit_actions.py" />
      <source>Copy as WKT</source>
      <translation>Als WKT kopieren</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/layer_choice.py" />
      <source>{n} layers</source>
      <translation>{n} Layer</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/place_files.py" />
      <source>Save accepted places, or hits, as layers</source>
      <translation>Angenommene Orte oder Treffer als Layer speichern</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/place_files.py" />
      <source>Save places</source>
      <translation>Orte speichern</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/place_files.py" />
      <source>Save accepted as layer…</source>
      <translation>Angenommene als Layer speichern …</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/place_files.py" />
      <source>Save judged as points and boxes…</source>
      <translation>Beurteilte als Punkte und Rechtecke speichern …</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/place_files.py" />
      <source>Save hits as points and boxes…</source>
      <translation>Treffer als Punkte und Rechtecke speichern …</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/place_files.py" />
      <source>Append accepted to layer</source>
      <translation>Angenommene an Layer anhängen</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/place_files.py" />
      <source>Package results with the project</source>
      <translation>Ergebnisse zum Projekt packen</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/place_files.py" />
      <source>Package results and heat maps with the project</source>
      <translation>Ergebnisse und Wärmekarten zum Projekt packen</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/place_files.py" />
      <source>Save accepted places</source>
      <translation>Angenommene Orte speichern</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/place_files.py" />
      <source>Save as points and boxes</source>
      <translation>Als Punkte und Rechtecke speichern</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/place_files.py" />
      <source>{n} place(s) appended to '{name}'; {known} were there already.</source>
      <translation>{n} Ort(e) an „{name}“ angehängt; {known} waren schon da.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/place_files.py" />
      <source>Packaged: {answers} answer(s) and {maps} heat map(s) in {path}. Save the project to use them.</source>
      <translation>Gepackt: {answers} Antwort(en) und {maps} Wärmekarte(n) in {path}. Das Projekt speichern, damit es sie benutzt.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/place_files.py" />
      <source>Saved: {path} ({layers})</source>
      <translation>Gespeichert: {path} ({layers})</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/query_bar.py" />
      <source>Search</source>
      <translation>Suchen</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/query_bar.py" />
      <source>Find the tiles that match the query (Enter)</source>
      <translation>Die Kacheln finden, die zur Anfrage passen (Eingabetaste)</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/query_bar.py" />
      <source>Describe what to find</source>
      <translation>Beschreiben Sie, was Sie suchen</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/query_bar.py" />
      <source>Query</source>
      <translation>Anfrage</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/query_bar.py" />
      <source>In your own words, for example: a bridge over a wide river
Several things at once: "car park" + trees - water
A thing that counts double: 2:trees + houses</source>
      <translation>In eigenen Worten, zum Beispiel: eine Brücke über einen breiten Fluss
Mehreres zugleich: "car park" + trees - water
Etwas, das doppelt zählt: 2:trees + houses</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/query_bar.py" />
      <source>Earlier queries (Down)</source>
      <translation>Frühere Anfragen (Pfeil nach unten)</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/query_bar.py" />
      <source>Search without these examples</source>
      <translation>Ohne diese Beispiele suchen</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/query_bar.py" />
      <source>{n} to find</source>
      <translation>{n} zu finden</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/query_bar.py" />
      <source>{n} to avoid</source>
      <translation>{n} zu meiden</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/query_bar.py" />
      <source>Examples: {parts}</source>
      <translation>Beispiele: {parts}</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/results_model.py" />
      <source>not judged yet</source>
      <translation>noch nicht beurteilt</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/results_model.py" />
      <source>{scale} wide</source>
      <translation>{scale} breit</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/results_model.py" />
      <source>Rank {rank} of all tiles: cosine {score} between query and tile.</source>
      <translation>Rang {rank} unter allen Kacheln: Kosinus {score} zwischen Anfrage und Kachel.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/results_model.py" />
      <source>Match score {score}: how far the tile stands above what other phrases reach on this raster.</source>
      <translation>Passung {score}: wie weit die Kachel über dem liegt, was andere Wendungen auf diesem Raster erreichen.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/results_model.py" />
      <source>Described best by “{phrase}”.</source>
      <translation>Am besten beschrieben durch „{phrase}“.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/results_model.py" />
      <source>Click to go there. Keys: A accepts, R rejects, U takes back, J and K move, S finds similar.</source>
      <translation>Klicken führt hin. Tasten: A nimmt an, R lehnt ab, U nimmt zurück, J und K gehen weiter, S findet Ähnliches.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/results_view.py" />
      <source>Hits</source>
      <translation>Treffer</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/results_view.py" />
      <source>Accept	A</source>
      <translation>Annehmen	A</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/results_view.py" />
      <source>Reject	R</source>
      <translation>Ablehnen	R</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/results_view.py" />
      <source>Avoid places like this</source>
      <translation>Orte wie diesen meiden</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/review_bar.py" />
      <source>Accept the selected hit (A)</source>
      <translation>Den gewählten Treffer annehmen (A)</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/review_bar.py" />
      <source>Reject the selected hit (R)</source>
      <translation>Den gewählten Treffer ablehnen (R)</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/review_bar.py" />
      <source>Take the last judgement back (U)</source>
      <translation>Das letzte Urteil zurücknehmen (U)</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/review_bar.py" />
      <source>Search again: more like what you accepted, less like what you rejected</source>
      <translation>Noch einmal suchen: mehr wie das Angenommene, weniger wie das Abgelehnte</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/review_bar.py" />
      <source>Re&amp;fine</source>
      <translation>Ver&amp;feinern</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/review_bar.py" />
      <source>Refine</source>
      <translation>Verfeinern</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/review_bar.py" />
      <source>Forget all judgements</source>
      <translation>Alle Urteile vergessen</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/review_bar.py" />
      <source>Judge hits: A yes, R no</source>
      <translation>Bewerten: A ja, R nein</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/review_bar.py" />
      <source>Judge hits</source>
      <translation>Treffer bewerten</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/review_bar.py" />
      <source>Judge</source>
      <translation>Beurteilen</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/review_bar.py" />
      <source>{right} of {judged} judged hits right ({share} %)</source>
      <translation>{right} von {judged} beurteilten richtig ({share} %)</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/review_bar.py" />
      <source>{right} of {judged} right ({share} %)</source>
      <translation>{right} von {judged} richtig ({share} %)</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/review_bar.py" />
      <source>{right} of {judged} right</source>
      <translation>{right} von {judged} richtig</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/review_bar.py" />
      <source>{right}/{judged} right</source>
      <translation>{right}/{judged} richtig</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/review_bar.py" />
      <source>Nothing in this list is judged for this question yet.</source>
      <translation>In dieser Liste ist zu dieser Frage noch nichts beurteilt.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/review_bar.py" />
      <source>Of the first {k} hits shown you judged {judged} for this question and accepted {right}: precision@{k} {share} %.</source>
      <translation>Von den ersten {k} gezeigten Treffern haben Sie zu dieser Frage {judged} beurteilt und {right} angenommen: Genauigkeit@{k} {share} %.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/review_bar.py" />
      <source>Hits with a tick from another question, which are not counted: {n}</source>
      <translation>Treffer mit einem Urteil zu einer anderen Frage, die nicht mitzählen: {n}</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/review_bar.py" />
      <source>Judged places that this answer is about: {accepted} accepted, {rejected} rejected.</source>
      <translation>Beurteilte Orte, um die es in dieser Antwort geht: {accepted} angenommen, {rejected} abgelehnt.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/review_bar.py" />
      <source>Keys in the list: A accepts, R rejects, U takes back, J and K move.</source>
      <translation>Tasten in der Liste: A nimmt an, R lehnt ab, U nimmt zurück, J und K gehen weiter.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/score_slider.py" />
      <source>Least score</source>
      <translation>Mindestbewertung</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/search_dock.py" />
      <source>Choose a raster layer in the layer panel first.</source>
      <translation>Zuerst im Layerfenster einen Rasterlayer auswählen.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/search_dock.py" />
      <source>Batch</source>
      <translation>Stapel</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/search_dock.py" />
      <source>The worker's program (msa)</source>
      <translation>Das Programm des Arbeitsprozesses (msa)</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/stack_list.py" />
      <source>Counts from</source>
      <translation>Zählt ab</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/stack_list.py" />
      <source>Layer</source>
      <translation>Layer</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/stack_list.py" />
      <source>Date</source>
      <translation>Datum</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/stack_list.py" />
      <source>Layers of the series</source>
      <translation>Layer der Reihe</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/stack_list.py" />
      <source>Tick the layers to follow. Double-click a layer, or press F2, to type its date: 2020, 2020-08 or 2020-08-31</source>
      <translation>Die Layer ankreuzen, die verfolgt werden. Einen Layer doppelt anklicken oder F2 drücken, um sein Datum einzugeben: 2020, 2020-08 oder 2020-08-31</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/stack_list.py" />
      <source>Tick a group</source>
      <translation>Gruppe ankreuzen</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/stack_list.py" />
      <source>Tick the rasters of a group of layers, or those that have a time in QGIS</source>
      <translation>Die Raster einer Layergruppe ankreuzen oder die, die in QGIS eine Zeit haben</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/stack_list.py" />
      <source>Layers with a time</source>
      <translation>Layer mit Zeit</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/stack_list.py" />
      <source>All rasters</source>
      <translation>Alle Raster</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/stack_list.py" />
      <source>The least match score at which a date counts: first date, last date, number</source>
      <translation>Die kleinste Passung, ab der ein Zeitpunkt zählt: erster Zeitpunkt, letzter, Anzahl</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/stack_list.py" />
      <source>Least match score of a date</source>
      <translation>Kleinste Passung eines Zeitpunkts</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/target_bar.py" />
      <source>La&amp;yer</source>
      <translation>La&amp;yer</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/target_bar.py" />
      <source>Pi&amp;xel</source>
      <translation>Pi&amp;xel</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/target_bar.py" />
      <source>The raster layers to search: click a name for that layer alone, a box for several at once</source>
      <translation>Die Rasterlayer, in denen gesucht wird: Ein Klick auf einen Namen nimmt nur diesen, Kästchen mehrere zugleich</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/target_bar.py" />
      <source>Keep this layer, whichever is chosen in the layer panel</source>
      <translation>Diesen Layer behalten, gleich welcher im Layerbedienfeld gewählt ist</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/target_bar.py" />
      <source>Whole layer</source>
      <translation>Ganzer Layer</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/target_bar.py" />
      <source>Selected polygons</source>
      <translation>Ausgewählte Polygone</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/target_bar.py" />
      <source>Where to search: tiles that touch this area are scanned and ranked</source>
      <translation>Wo gesucht wird: Kacheln, die dieses Gebiet berühren, werden erfasst und gereiht</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/target_bar.py" />
      <source>How much ground a pixel covers when QGIS draws this layer for the search:
small for cars and roofs, large for fields and quarters;
half the size makes four times the work</source>
      <translation>Wie viel Boden ein Pixel bedeckt, wenn QGIS diesen Layer für die Suche zeichnet:
klein für Autos und Dächer, groß für Felder und Viertel;
halbe Größe heißt vierfache Arbeit</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/target_bar.py" />
      <source>{gsd} (as usual)</source>
      <translation>{gsd} (wie üblich)</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/tool_row.py" />
      <source>Saved searches of this project</source>
      <translation>Gespeicherte Suchen dieses Projekts</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/tool_row.py" />
      <source>Saved searches</source>
      <translation>Gespeicherte Suchen</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/tool_row.py" />
      <source>Forget earlier queries</source>
      <translation>Frühere Anfragen vergessen</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/tool_row.py" />
      <source>Name of this search</source>
      <translation>Name dieser Suche</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/tool_row.py" />
      <source>Save</source>
      <translation>Speichern</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/tool_row.py" />
      <source>Keep question and filters in the project under this name</source>
      <translation>Frage und Filter unter diesem Namen im Projekt behalten</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/tool_row.py" />
      <source>Answers of this project: bring one back with its list, filters and judgements</source>
      <translation>Antworten dieses Projekts: eine mit ihrer Liste, ihren Filtern und Beurteilungen zurückholen</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/tool_row.py" />
      <source>Answers</source>
      <translation>Antworten</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/tool_row.py" />
      <source>No answers yet</source>
      <translation>Noch keine Antworten</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/tool_row.py" />
      <source>Compare dates</source>
      <translation>Zeitpunkte vergleichen</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/tool_row.py" />
      <source>Find what changed between two layers of one place</source>
      <translation>Finden, was sich zwischen zwei Layern eines Ortes verändert hat</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/tool_row.py" />
      <source>Heat map</source>
      <translation>Wärmekarte</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/tool_row.py" />
      <source>Show on the map how well every place matches the query</source>
      <translation>Auf der Karte zeigen, wie gut jeder Ort zur Anfrage passt</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/tool_row.py" />
      <source>Coverage</source>
      <translation>Abdeckung</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/tool_row.py" />
      <source>Show on the map what is indexed and what is not</source>
      <translation>Auf der Karte zeigen, was erfasst ist und was nicht</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/tool_row.py" />
      <source>F&amp;ind similar</source>
      <translation>Ähnl&amp;iches finden</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/tool_row.py" />
      <source>Find similar</source>
      <translation>Ähnliches finden</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/tool_row.py" />
      <source>Click on the map, or draw a box, and find places that look like it</source>
      <translation>Klicken Sie auf die Karte, oder ziehen Sie ein Rechteck auf, und finden Sie Orte, die so aussehen</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/verdict_strip.py" />
      <source>Show or hide the places that hardly match, drawn weakly</source>
      <translation>Orte, die kaum passen, schwach gezeichnet zeigen oder verbergen</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/verdict_strip.py" />
      <source>Show more</source>
      <translation>Mehr zeigen</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/verdict_strip.py" />
      <source>Matches only</source>
      <translation>Nur Treffer</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/verdict_strip.py" />
      <source>Only a few places match here, and that is not certain: look at them.</source>
      <translation>Nur wenige Orte passen hier, und das ist nicht sicher: Sehen Sie sie sich an.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/verdict_strip.py" />
      <source>The best tiles look like “{phrase}”.</source>
      <translation>Die besten Kacheln sehen nach „{phrase}“ aus.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/verdict_strip.py" />
      <source>The best tiles also look like “{phrase}”.</source>
      <translation>Die besten Kacheln sehen auch nach „{phrase}“ aus.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/verdict_strip.py" />
      <source>The best tiles have a match score of {score}:
how far they stand above what other phrases reach on these rasters;
{share} % of those phrases stand out less.
Best other phrase on the same tiles: {phrase} (match score {runner_up}).</source>
      <translation>Die besten Kacheln haben eine Passung von {score}:
so weit liegen sie über dem, was andere Wendungen auf diesen Rastern erreichen;
{share} % dieser Wendungen stechen weniger heraus.
Beste andere Wendung auf denselben Kacheln: {phrase} (Passung {runner_up}).</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/verdict_strip.py" />
      <source>What each word adds to the tile's cosine:</source>
      <translation>Was jedes Wort zum Kosinus der Kachel beiträgt:</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/verdict_strip.py" />
      <source>Dismiss</source>
      <translation>Schließen</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/worker_strip.py" />
      <source>Show…</source>
      <translation>Anzeigen…</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/worker_strip.py" />
      <source>Retry</source>
      <translation>Noch einmal</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/worker_strip.py" />
      <source>Use the GPU…</source>
      <translation>GPU nutzen…</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/worker_strip.py" />
      <source>Set up…</source>
      <translation>Einrichten…</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/worker_strip.py" />
      <source>Set up or repair…</source>
      <translation>Einrichten oder reparieren…</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/worker_strip.py" />
      <source>Choose worker…</source>
      <translation>Arbeitsprozess wählen…</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/worker_strip.py" />
      <source>Options…</source>
      <translation>Optionen…</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/worker_strip.py" />
      <source>Copy diagnostics</source>
      <translation>Diagnose kopieren</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/worker_strip.py" />
      <source>Ready · {device}</source>
      <translation>Bereit · {device}</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/worker_strip.py" />
      <source>GPU not used</source>
      <translation>GPU ungenutzt</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/worker_strip.py" />
      <source>The worker is not set up yet</source>
      <translation>Der Arbeitsprozess ist noch nicht eingerichtet</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/worker_strip.py" />
      <source>The set-up of the worker is not finished</source>
      <translation>Der Arbeitsprozess ist nicht fertig eingerichtet</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/worker_strip.py" />
      <source>The worker starts with the first search</source>
      <translation>Der Arbeitsprozess startet mit der ersten Suche</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/worker_strip.py" />
      <source>The worker does not run</source>
      <translation>Der Arbeitsprozess läuft nicht</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/worker_strip.py" />
      <source>Model {model} on {device}</source>
      <translation>Modell {model} auf {device}</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/worker_strip.py" />
      <source>Computed by {engine}</source>
      <translation>Berechnet von {engine}</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/worker_strip.py" />
      <source>This machine has a GPU that the worker cannot use: its PyTorch is a CPU build.</source>
      <translation>Dieser Rechner hat eine GPU, die der Arbeitsprozess nicht nutzen kann: Sein PyTorch ist nur für den Prozessor gebaut.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/worker_strip.py" />
      <source>CPU</source>
      <translation>Prozessor</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/errors.py" />
      <source>Details</source>
      <translation>Details</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/gis/areas.py" />
      <source>The map shows nothing of the layer '{name}'.</source>
      <translation>Die Karte zeigt nichts vom Layer „{name}“.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/gis/areas.py" />
      <source>There is no polygon layer: add one, or draw the area.</source>
      <translation>Es gibt keinen Polygonlayer: Fügen Sie einen hinzu, oder zeichnen Sie das Gebiet.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/gis/areas.py" />
      <source>No polygon of the layer '{name}' is selected.</source>
      <translation>Kein Polygon des Layers „{name}“ ist ausgewählt.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/gis/areas.py" />
      <source>The layer '{name}' holds no polygon with an area.</source>
      <translation>Der Layer „{name}“ enthält kein Polygon mit einer Fläche.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/gis/areas.py" />
      <source>The map has no CRS: choose one for the project first.</source>
      <translation>Die Karte hat kein KBS: Wählen Sie zuerst eines für das Projekt.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/gis/areas.py" />
      <source>What was drawn has no area: click at least three corners.</source>
      <translation>Das Gezeichnete hat keine Fläche: Klicken Sie mindestens drei Ecken.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/gis/hit_form.py" />
      <source>accepted</source>
      <translation>angenommen</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/gis/hit_form.py" />
      <source>rejected</source>
      <translation>abgelehnt</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/gis/hit_form.py" />
      <source>Number</source>
      <translation>Nummer</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/gis/hit_form.py" />
      <source>Likeness</source>
      <translation>Ähnlichkeit</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/gis/hit_form.py" />
      <source>Match score</source>
      <translation>Passung</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/gis/hit_form.py" />
      <source>Match</source>
      <translation>Übereinstimmung</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/gis/hit_form.py" />
      <source>Looks like</source>
      <translation>Sieht aus wie</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/gis/hit_form.py" />
      <source>Kind</source>
      <translation>Art</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/gis/hit_form.py" />
      <source>Side (m)</source>
      <translation>Seite (m)</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/gis/hit_form.py" />
      <source>Share with data</source>
      <translation>Anteil mit Daten</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/gis/hit_form.py" />
      <source>Place</source>
      <translation>Ort</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/gis/hit_form.py" />
      <source>Sought</source>
      <translation>Gesucht</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/gis/hit_form.py" />
      <source>Name of the query</source>
      <translation>Name der Suche</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/gis/hit_form.py" />
      <source>Raster</source>
      <translation>Raster</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/gis/hit_form.py" />
      <source>Asked (UTC)</source>
      <translation>Gefragt (UTC)</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/gis/hit_form.py" />
      <source>Date before</source>
      <translation>Datum vorher</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/gis/hit_form.py" />
      <source>Date after</source>
      <translation>Datum nachher</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/gis/hit_form.py" />
      <source>Match score before</source>
      <translation>Passung vorher</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/gis/hit_form.py" />
      <source>Match score after</source>
      <translation>Passung nachher</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/gis/hit_form.py" />
      <source>Looked like before</source>
      <translation>Sah vorher aus wie</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/gis/hit_form.py" />
      <source>Looks like after</source>
      <translation>Sieht nachher aus wie</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/gis/hit_form.py" />
      <source>Raster after</source>
      <translation>Raster nachher</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/gis/hit_form.py" />
      <source>Match score at the date</source>
      <translation>Passung zum Zeitpunkt</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/gis/hit_form.py" />
      <source>First date above</source>
      <translation>Erster Zeitpunkt darüber</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/gis/hit_form.py" />
      <source>Last date above</source>
      <translation>Letzter Zeitpunkt darüber</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/gis/hit_form.py" />
      <source>Dates above</source>
      <translation>Zeitpunkte darüber</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/gis/hit_form.py" />
      <source>Trend in ten years</source>
      <translation>Trend in zehn Jahren</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/gis/hit_form.py" />
      <source>Correlation</source>
      <translation>Korrelation</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/gis/overviews.py" />
      <source>{path} is no file on this computer: overviews lie beside a raster.</source>
      <translation>{path} ist keine Datei auf diesem Rechner: Pyramiden liegen neben einem Raster.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/gis/overviews.py" />
      <source>There is a file {path} already.</source>
      <translation>Es gibt schon eine Datei {path}.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/gis/overviews.py" />
      <source>The overviews cannot be written: {error}</source>
      <translation>Die Pyramiden können nicht geschrieben werden: {error}</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/gis/overviews.py" />
      <source>Building overviews was cancelled; nothing is left of them.</source>
      <translation>Das Berechnen der Pyramiden wurde abgebrochen; nichts davon bleibt zurück.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/gis/overviews.py" />
      <source>There is not enough room for overviews in {folder}.</source>
      <translation>In {folder} ist nicht genug Platz für Pyramiden.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/gis/overviews.py" />
      <source>{path} cannot be opened.</source>
      <translation>{path} lässt sich nicht öffnen.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/gis/overviews.py" />
      <source>Nothing can be written to {folder}, where the overviews of the raster would lie.</source>
      <translation>In {folder}, wo die Pyramiden des Rasters lägen, kann nicht geschrieben werden.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/gis/overviews.py" />
      <source>Overviews of {name}</source>
      <translation>Pyramiden von {name}</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/gis/raster_source.py" />
      <source>The layer '{name}' is broken; its source is {source}.</source>
      <translation>Der Layer „{name}“ ist fehlerhaft; seine Quelle ist {source}.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/gis/raster_source.py" />
      <source>The layer '{name}' is no local raster file ({provider}).</source>
      <translation>Der Layer „{name}“ ist keine lokale Rasterdatei ({provider}).</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/gis/raster_source.py" />
      <source>The CRS of the layer '{name}' is not the one in its file.</source>
      <translation>Das KBS des Layers „{name}“ ist nicht das in seiner Datei.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/gis/raster_source.py" />
      <source>The format of the layer '{name}' ({provider}) is read by QGIS, not by the worker.</source>
      <translation>Das Format des Layers „{name}“ ({provider}) liest QGIS, nicht der Arbeitsprozess.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/gis/replaced_files.py" />
      <source>{beside} belongs to an earlier file; GDAL would read {name} by it.</source>
      <translation>{beside} gehört zu einer früheren Datei; GDAL würde {name} danach lesen.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/gis/replaced_files.py" />
      <source>{path} is read by this very run: choose another output.</source>
      <translation>{path} wird von eben diesem Lauf gelesen: wählen Sie eine andere Ausgabe.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/gis/replaced_files.py" />
      <source>{path} was not made by MSA Search, or was changed since: it is not replaced.</source>
      <translation>{path} ist nicht von MSA Search, oder wurde seither geändert: Die Datei wird nicht ersetzt.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/gis/two_dates.py" />
      <source>Before</source>
      <translation>Vorher</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/gis/two_dates.py" />
      <source>After</source>
      <translation>Nachher</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/gis/two_dates.py" />
      <source>date</source>
      <translation>Datum</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/gis/two_dates.py" />
      <source>When the layer was taken: 2020, 2020-08 or 2020-08-31.
Read from the file where it tells</source>
      <translation>Wann der Layer aufgenommen wurde: 2020, 2020-08 oder 2020-08-31.
Aus der Datei gelesen, wo sie es verrät</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/gis/two_dates.py" />
      <source>Exchange before and after</source>
      <translation>Vorher und Nachher tauschen</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/gis/vector_file.py" />
      <source>There is no room left on the disk for {path}.</source>
      <translation>Auf dem Datenträger ist kein Platz mehr für {path}.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/gis/vector_file.py" />
      <source>{path} cannot be written: {why}</source>
      <translation>{path} lässt sich nicht schreiben: {why}</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/gis/vector_file.py" />
      <source>no layer came of it</source>
      <translation>es ist kein Layer daraus geworden</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/gis/vector_file.py" />
      <source>{path} exists and is no GeoPackage; it is left as it is.</source>
      <translation>{path} gibt es schon, und es ist kein GeoPackage; es bleibt, wie es ist.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/gis/vector_file.py" />
      <source>{path} is an index or holds batch results; choose another file.</source>
      <translation>{path} ist ein Index oder enthält Ergebnisse eines Stapellaufs; wählen Sie eine andere Datei.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/indexes/dialog.py" />
      <source>Indexes of MSA Search</source>
      <translation>Indexe von MSA Search</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/indexes/dialog.py" />
      <source>Indexes</source>
      <translation>Indexe</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/indexes/dialog.py" />
      <source>State</source>
      <translation>Zustand</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/indexes/dialog.py" />
      <source>Tiles</source>
      <translation>Kacheln</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/indexes/dialog.py" />
      <source>Size</source>
      <translation>Größe</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/indexes/dialog.py" />
      <source>Scales</source>
      <translation>Kachelseiten</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/indexes/dialog.py" />
      <source>Model</source>
      <translation>Modell</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/indexes/dialog.py" />
      <source>Changed</source>
      <translation>Geändert</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/indexes/dialog.py" />
      <source>Re&amp;fresh</source>
      <translation>Neu e&amp;inlesen</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/indexes/dialog.py" />
      <source>Add &amp;folder…</source>
      <translation>&amp;Ordner hinzufügen…</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/indexes/dialog.py" />
      <source>Show covera&amp;ge</source>
      <translation>Ab&amp;deckung zeigen</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/indexes/dialog.py" />
      <source>E&amp;xplore…</source>
      <translation>Er&amp;kunden…</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/indexes/dialog.py" />
      <source>Re&amp;build…</source>
      <translation>Neu &amp;bauen…</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/indexes/dialog.py" />
      <source>Mo&amp;ve…</source>
      <translation>&amp;Verschieben…</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/indexes/dialog.py" />
      <source>Dele&amp;te…</source>
      <translation>&amp;Löschen…</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/indexes/dialog.py" />
      <source>Look for indexes in one more folder</source>
      <translation>In einem weiteren Ordner nach Indexen suchen</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/indexes/dialog.py" />
      <source>Group the indexed tiles of a raster by likeness</source>
      <translation>Indizierte Kacheln eines Rasters nach Ähnlichkeit gruppieren</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/indexes/dialog.py" />
      <source>Scan the raster anew, at the same scales, with the present model</source>
      <translation>Das Raster neu erfassen, in denselben Größen, mit dem jetzigen Modell</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/indexes/dialog.py" />
      <source>Move the files to another folder</source>
      <translation>Die Dateien in einen anderen Ordner bringen</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/indexes/dialog.py" />
      <source>Delete the files; a later search scans the raster again</source>
      <translation>Die Dateien löschen; eine spätere Suche erfasst das Raster neu</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/indexes/dialog.py" />
      <source>Stop; what a scan has done is kept</source>
      <translation>Anhalten; was ein Scan getan hat, bleibt</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/indexes/dialog.py" />
      <source>No index was found in the cache or beside the project's rasters.</source>
      <translation>Weder im Zwischenspeicher noch neben den Rastern des Projekts wurde ein Index gefunden.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/indexes/dialog.py" />
      <source>Indexes: {n}, {size} in all</source>
      <translation>Indexe: {n}, zusammen {size}</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/indexes/dialog.py" />
      <source>Folder with indexes</source>
      <translation>Ordner mit Indexen</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/indexes/dialog.py" />
      <source>Move the indexes to</source>
      <translation>Die Indexe verschieben nach</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/indexes/dialog.py" />
      <source>Delete {n} index file(s), {size}? The rasters stay; a later search scans them again.</source>
      <translation>{n} Indexdatei(en), {size}, löschen? Die Raster bleiben; eine spätere Suche erfasst sie neu.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/indexes/dialog.py" />
      <source>Delete {n} index file(s) and scan their rasters anew, {tiles} tiles?</source>
      <translation>{n} Indexdatei(en) löschen und ihre Raster neu erfassen, {tiles} Kacheln?</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/indexes/dialog.py" />
      <source>current</source>
      <translation>aktuell</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/indexes/dialog.py" />
      <source>raster has changed</source>
      <translation>Raster hat sich geändert</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/indexes/dialog.py" />
      <source>of another model</source>
      <translation>von einem anderen Modell</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/indexes/dialog.py" />
      <source>raster is missing</source>
      <translation>Raster fehlt</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/indexes/dialog.py" />
      <source>damaged</source>
      <translation>beschädigt</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/indexes/explore_dialog.py" />
      <source>What is in {raster}?</source>
      <translation>Was ist in {raster}?</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/indexes/explore_dialog.py" />
      <source>Groups</source>
      <translation>Gruppen</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/indexes/explore_dialog.py" />
      <source>Group</source>
      <translation>Gruppe</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/indexes/explore_dialog.py" />
      <source>Typical tiles</source>
      <translation>Typische Kacheln</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/indexes/explore_dialog.py" />
      <source>Group &amp;again</source>
      <translation>&amp;Neu gruppieren</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/indexes/explore_dialog.py" />
      <source>Put the tiles into as many groups</source>
      <translation>Die Kacheln in so viele Gruppen fassen</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/indexes/explore_dialog.py" />
      <source>Add to &amp;map</source>
      <translation>Zur &amp;Karte hinzufügen</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/indexes/explore_dialog.py" />
      <source>A layer with a colour and a line of the legend for each group</source>
      <translation>Ein Layer mit einer Farbe und einer Zeile der Legende je Gruppe</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/indexes/explore_dialog.py" />
      <source>&amp;Search like this</source>
      <translation>Ä&amp;hnliches suchen</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/indexes/explore_dialog.py" />
      <source>Search for tiles like those typical of the group</source>
      <translation>Nach Kacheln suchen wie den typischen der Gruppe</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/indexes/explore_dialog.py" />
      <source>&amp;Groups, at most</source>
      <translation>&amp;Gruppen, höchstens</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/indexes/explore_dialog.py" />
      <source>Grouping tiles…</source>
      <translation>Kacheln werden gruppiert…</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/indexes/explore_dialog.py" />
      <source>{tiles} tiles of {side}; ground under overlapping tiles is counted once.</source>
      <translation>{tiles} Kacheln von {side}; Boden unter überlappenden Kacheln zählt einmal.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/indexes/index_files.py" />
      <source>Nothing is known of this layer's index yet: search it first.</source>
      <translation>Über den Index dieses Layers ist noch nichts bekannt: Suchen Sie zuerst darin.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/indexes/index_files.py" />
      <source>Nothing of this layer is indexed yet.</source>
      <translation>Von diesem Layer ist noch nichts erfasst.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/map/coverage.py" />
      <source>Coverage of {layer}</source>
      <translation>Abdeckung von {layer}</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/map/coverage.py" />
      <source>group {n}</source>
      <translation>Gruppe {n}</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/map/coverage.py" />
      <source>{name} ({tiles} tiles, {area})</source>
      <translation>{name} ({tiles} Kacheln, {area})</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/map/coverage.py" />
      <source>What is in {layer}</source>
      <translation>Was ist in {layer}</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/map/heat_layer.py" />
      <source>{query} · heat map of {layer}</source>
      <translation>{query} · Wärmekarte von {layer}</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/map/map_link.py" />
      <source>{sentence} Its layer stays empty; search again to fill one.</source>
      <translation>{sentence} Sein Layer bleibt leer; suchen Sie erneut, um einen zu füllen.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/map/packaged.py" />
      <source>There are no results to package: search first.</source>
      <translation>Es gibt keine Ergebnisse zu packen: zuerst suchen.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/map/packaged.py" />
      <source>Save the project first: its results are packaged beside it.</source>
      <translation>Zuerst das Projekt speichern: seine Ergebnisse werden daneben gepackt.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/map/packaged.py" />
      <source>what was written is not whole</source>
      <translation>was geschrieben wurde, ist nicht vollständig</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/map/packaged.py" />
      <source>The results cannot be written: {error}</source>
      <translation>Die Ergebnisse können nicht geschrieben werden: {error}</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/map/place_layers.py" />
      <source>The layer '{name}' does not take the places: {why}</source>
      <translation>Der Layer „{name}“ nimmt die Orte nicht an: {why}</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/map/place_layers.py" />
      <source>it refuses them</source>
      <translation>er weist sie ab</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/map/place_layers.py" />
      <source>The layer '{name}' holds no polygons.</source>
      <translation>Der Layer „{name}“ enthält keine Polygone.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/map/place_layers.py" />
      <source>The layer '{name}' is an answer; save places as a layer first.</source>
      <translation>Der Layer „{name}“ ist eine Antwort; speichern Sie Orte zuerst als Layer.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/map/place_layers.py" />
      <source>The layer '{name}' cannot be added to.</source>
      <translation>An den Layer „{name}“ lässt sich nichts anhängen.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/map/place_layers.py" />
      <source>The layer '{name}' does not fit: it lacks the fields {lacking}, or has them of another type.</source>
      <translation>Der Layer „{name}“ passt nicht: Ihm fehlen die Felder {lacking}, oder sie haben einen anderen Typ.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/map/place_layers.py" />
      <source>points</source>
      <translation>Punkte</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/map/place_layers.py" />
      <source>boxes</source>
      <translation>Rechtecke</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/map/place_layers.py" />
      <source>outline this</source>
      <translation>umreißen</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/map/place_layers.py" />
      <source>There are no such places yet: accept some hits first.</source>
      <translation>Solche Orte gibt es noch nicht: Nehmen Sie zuerst einige Treffer an.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/map/place_layers.py" />
      <source>A place of {source} has no coordinates in the CRS of the layer.</source>
      <translation>Ein Ort von {source} hat im KBS des Layers keine Koordinaten.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/map/place_layers.py" />
      <source>Append accepted places</source>
      <translation>Angenommene Orte anhängen</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/menu.py" />
      <source>Batch Scan…</source>
      <translation>Stapelscan…</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/menu.py" />
      <source>Manage Indexes…</source>
      <translation>Indexe verwalten…</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/menu.py" />
      <source>Search This Layer</source>
      <translation>Diesen Layer durchsuchen</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/menu.py" />
      <source>Describe This Layer…</source>
      <translation>Diesen Layer beschreiben…</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/options.py" />
      <source>Set up, repair or remove…</source>
      <translation>Einrichten, reparieren oder entfernen…</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/options.py" />
      <source>The environment that MSA Search builds for its worker</source>
      <translation>Die Umgebung, die MSA Search für seinen Arbeitsprozess baut</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/options.py" />
      <source>A program, or a command such as: ssh gpu-box msa worker; no project file can set it</source>
      <translation>Ein Programm, oder ein Befehl wie: ssh gpu-box msa worker; keine Projektdatei kann ihn setzen</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/options.py" />
      <source>automatic</source>
      <translation>automatisch</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/options.py" />
      <source>What the worker computes with; automatic: a graphics card where there is one</source>
      <translation>Womit der Arbeitsprozess rechnet; automatisch: eine Grafikkarte, wo es eine gibt</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/options.py" />
      <source>What looks at the tiles; automatic: the fastest of this machine, measured once</source>
      <translation>Womit die Kacheln angesehen werden; automatisch: was auf diesem Rechner am schnellsten ist, einmal gemessen</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/options.py" />
      <source>Processor cores that the worker uses</source>
      <translation>Prozessorkerne, die der Arbeitsprozess nutzt</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/options.py" />
      <source>Folder of another checkpoint or of a CLIP model</source>
      <translation>Ordner eines anderen Modells oder eines CLIP-Modells</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/options.py" />
      <source>shipped model</source>
      <translation>mitgeliefertes Modell</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/options.py" />
      <source>Use another model: choose a folder that you have fetched (a CLIP, RemoteCLIP, SigLIP 2 or MobileCLIP2 in safetensors, or a checkpoint of your own). Test tells whether it is sound and what it costs. Rasters are indexed anew for it; the shipped model's indexes stay.</source>
      <translation>Ein anderes Modell verwenden: Wählen Sie einen Ordner, den Sie beschafft haben (ein CLIP, RemoteCLIP, SigLIP 2 oder MobileCLIP2 als safetensors, oder ein eigenes Modell). „Testen“ sagt, ob es in Ordnung ist und was es kostet. Raster werden dafür neu indexiert; die Indexe des mitgelieferten Modells bleiben.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/options.py" />
      <source>Where indexes go that cannot lie beside their raster</source>
      <translation>Wohin Indexe kommen, die nicht neben ihrem Raster liegen können</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/options.py" />
      <source>How many hits a search brings at most</source>
      <translation>Wie viele Treffer eine Suche höchstens bringt</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/options.py" />
      <source>Pictures &amp;beside the hits</source>
      <translation>&amp;Bilder neben den Treffern</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/options.py" />
      <source>Small pictures of the tiles in the list of hits</source>
      <translation>Kleine Bilder der Kacheln in der Trefferliste</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/options.py" />
      <source>CSV file with a 'phrase' column</source>
      <translation>CSV-Datei mit einer Spalte „phrase“</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/options.py" />
      <source>shipped phrases</source>
      <translation>mitgelieferte Phrasen</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/options.py" />
      <source>&amp;Edit phrases…</source>
      <translation>Phrasen bearb&amp;eiten…</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/options.py" />
      <source>Add, change and remove the phrases that places are described by</source>
      <translation>Die Phrasen hinzufügen, ändern und entfernen, mit denen Orte beschrieben werden</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/options.py" />
      <source>Tile sides in metres on the ground, for example: 40, 160</source>
      <translation>Kachelseiten in Metern am Boden, zum Beispiel: 40, 160</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/options.py" />
      <source>How much of a tile its neighbour covers too</source>
      <translation>Wie viel von einer Kachel auch die Nachbarkachel bedeckt</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/options.py" />
      <source>&amp;Worker</source>
      <translation>Arbeitspro&amp;zess</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/options.py" />
      <source>&amp;Device</source>
      <translation>&amp;Gerät</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/options.py" />
      <source>En&amp;gine</source>
      <translation>Re&amp;chenwerk</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/options.py" />
      <source>T&amp;hreads</source>
      <translation>&amp;Kerne</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/options.py" />
      <source>&amp;Model folder</source>
      <translation>&amp;Modellordner</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/options.py" />
      <source>&amp;Cache folder</source>
      <translation>Z&amp;wischenspeicher</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/options.py" />
      <source>&amp;Number of hits</source>
      <translation>A&amp;nzahl der Treffer</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/options.py" />
      <source>&amp;Phrase bank</source>
      <translation>&amp;Phrasensammlung</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/options.py" />
      <source>Tile &amp;sides (m)</source>
      <translation>Kachel&amp;seiten (m)</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/options.py" />
      <source>&amp;Overlap of tiles</source>
      <translation>&amp;Überlappung der Kacheln</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/options.py" />
      <source>Worker</source>
      <translation>Arbeitsprozess</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/options.py" />
      <source>Searching</source>
      <translation>Suchen</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/algorithm.py" />
      <source>{count} of {tiles} tiles, ranked in {ms:.0f} ms.</source>
      <translation>{count} von {tiles} Kacheln, gereiht in {ms:.0f} ms.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/algorithm.py" />
      <source>The algorithm was not prepared.</source>
      <translation>Der Algorithmus wurde nicht vorbereitet.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/algorithm.py" />
      <source>Imagery search</source>
      <translation>Bildsuche</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/algorithm.py" />
      <source>The worker does not see the files: QGIS draws the layers for it.</source>
      <translation>Der Worker sieht die Dateien nicht: QGIS zeichnet die Layer für ihn.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/algorithm.py" />
      <source>The result cannot be written: {path}</source>
      <translation>Das Ergebnis kann nicht geschrieben werden: {path}</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/algorithm.py" />
      <source>There is no such raster layer: {name}</source>
      <translation>Es gibt keinen solchen Rasterlayer: {name}</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/algorithm.py" />
      <source>The area of interest has no CRS.</source>
      <translation>Das Interessengebiet hat kein KBS.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/algorithm.py" />
      <source>The area of interest holds no valid polygon.</source>
      <translation>Das Interessengebiet enthält kein gültiges Polygon.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/batch_scan.py" />
      <source>Batch scan</source>
      <translation>Stapelscan</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/batch_scan.py" />
      <source>Looks for many things in many rasters in one go. Each raster is indexed once, where it is not yet, and then asked every query.

Queries: one a line, in the same grammar as 'Search by text'. Watch-list: a CSV file with a 'query' column, and perhaps 'name' and 'min_score' (least match score), or a .txt file with a query a line.

Least match score: 0 keeps tiles that stand out as the best tiles of background phrases do on the same raster; for common things -1 is a good start. Empty keeps the best tiles, whatever they show.

Results go to a GeoPackage as they come: the layer 'hits', and the tables 'summary' (a row per query and raster with count, area and verdict) and 'rasters'. A run that was cancelled, or that ended with the machine, goes on where it stopped when it is started again with the same result file. A raster that fails stops no other.

Report: one HTML page with counts, areas, thumbnails and an outline map per query and raster.</source>
      <translation>Sucht vieles in vielen Rastern auf einmal. Jedes Raster wird einmal erfasst, soweit es das noch nicht ist, und dann mit jeder Anfrage durchsucht.

Anfragen: eine je Zeile, in derselben Schreibweise wie bei „Nach Text suchen“. Suchliste: eine CSV-Datei mit einer Spalte „query“ und vielleicht „name“ und „min_score“ (kleinste Passung), oder eine .txt-Datei mit einer Anfrage je Zeile.

Kleinste Passung: 0 behält Kacheln, die sich so abheben wie die besten Kacheln von Vergleichsphrasen auf demselben Raster; für Häufiges ist -1 ein guter Anfang. Leer behält die besten Kacheln, was immer sie zeigen.

Die Ergebnisse kommen laufend in ein GeoPackage: der Layer „hits“ und die Tabellen „summary“ (eine Zeile je Anfrage und Raster mit Anzahl, Fläche und Urteil) und „rasters“. Ein Lauf, der abgebrochen wurde oder mit dem Rechner endete, geht dort weiter, wenn er mit derselben Ergebnisdatei noch einmal gestartet wird. Ein Raster, das scheitert, hält die anderen nicht auf.

Bericht: eine HTML-Seite mit Anzahlen, Flächen, kleinen Bildern und einer Umrisskarte je Anfrage und Raster.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/batch_scan.py" />
      <source>Tiles encoded by this run</source>
      <translation>Von diesem Lauf erfasste Kacheln</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/batch_scan.py" />
      <source>Rasters that failed</source>
      <translation>Gescheiterte Raster</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/batch_scan.py" />
      <source>Choose at least one raster layer.</source>
      <translation>Wählen Sie mindestens einen Rasterlayer.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/batch_scan.py" />
      <source>Batch results go to a GeoPackage: {path} must end in .gpkg.</source>
      <translation>Die Ergebnisse kommen in ein GeoPackage: {path} muss auf .gpkg enden.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/batch_scan.py" />
      <source>{hits} hits for {queries} queries in {rasters} rasters.</source>
      <translation>{hits} Treffer für {queries} Anfragen in {rasters} Rastern.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/batch_scan.py" />
      <source>{path}: {hits} hits; {encoded} of {tiles} tiles encoded</source>
      <translation>{path}: {hits} Treffer; {encoded} von {tiles} Kacheln erfasst</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/batch_scan.py" />
      <source>Queries</source>
      <translation>Anfragen</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/batch_scan.py" />
      <source>Area of interest</source>
      <translation>Interessengebiet</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/batch_scan.py" />
      <source>Only tiles whose centre lies inside the area</source>
      <translation>Nur Kacheln, deren Mitte im Gebiet liegt</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/batch_scan.py" />
      <source>Most hits per query and raster</source>
      <translation>Höchstzahl der Treffer je Anfrage und Raster</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/batch_scan.py" />
      <source>Least match score</source>
      <translation>Kleinste Passung</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/batch_scan.py" />
      <source>Of overlapping tiles, keep only the best</source>
      <translation>Von überlappenden Kacheln nur die beste behalten</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/batch_scan.py" />
      <source>Tile sides (m)</source>
      <translation>Kachelseiten (m)</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/batch_scan.py" />
      <source>Results (GeoPackage)</source>
      <translation>Ergebnisse (GeoPackage)</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/batch_scan.py" />
      <source>HTML page (*.html)</source>
      <translation>HTML-Seite (*.html)</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/change_search.py" />
      <source>Search for changes</source>
      <translation>Nach Veränderungen suchen</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/change_search.py" />
      <source>Finds what changed between two rasters of one place. Questions read 'appeared: houses', 'vanished: trees', 'bare land -&gt; houses', 'changed', or 'like this change' with a point where such a change lies.

What the indexes lack is indexed first, unless you switch that off; a raster of other pixels is read on those of the first. Dates are read from layer, file or name where none are given.

The result holds the places that changed most, with both dates, scores and phrases. 'change' is below 0 where unchanged ground seems to change as far, and stands out from 1 on.</source>
      <translation>Findet, was sich zwischen zwei Rastern eines Ortes verändert hat. Fragen lauten 'appeared: houses', 'vanished: trees', 'bare land -&gt; houses', 'changed' oder 'like this change' mit einem Punkt, an dem eine solche Veränderung liegt.

Was den Indizes fehlt, wird zuerst indiziert, wenn Sie das nicht abschalten; ein Raster mit anderen Pixeln wird auf denen des ersten gelesen. Zeitpunkte werden aus Layer, Datei oder Name gelesen, wo keine angegeben sind.

Das Ergebnis enthält die Orte, die sich am meisten verändert haben, mit beiden Zeitpunkten, Passungen und Wendungen. 'change' liegt unter 0, wo unveränderter Boden sich ebenso weit zu verändern scheint, und hebt sich ab 1 ab.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/change_search.py" />
      <source>What changed, for example 'appeared: houses'</source>
      <translation>Was sich verändert hat, zum Beispiel 'appeared: houses'</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/change_search.py" />
      <source>Place of a change like those sought</source>
      <translation>Ort einer Veränderung wie der gesuchten</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/change_search.py" />
      <source>Number of results</source>
      <translation>Anzahl der Ergebnisse</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/change_search.py" />
      <source>Changed tiles</source>
      <translation>Veränderte Kacheln</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/change_search.py" />
      <source>Verdict (good, doubtful or nothing)</source>
      <translation>Urteil (good, doubtful oder nothing)</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/change_search.py" />
      <source>Change of the best tiles</source>
      <translation>Änderung der besten Kacheln</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/change_search.py" />
      <source>What changed here</source>
      <translation>Was sich hier verändert hat</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/change_search.py" />
      <source>Looks at a place in two rasters and lists the phrases of the phrase bank that gained there and those that lost, with a sentence made of them. 'score' is how much a phrase's fit grew or fell, in deviations of unchanged ground.</source>
      <translation>Sieht sich einen Ort in zwei Rastern an und listet die Wendungen der Phrasenbank, die dort gewonnen, und die, die verloren haben, mit einem Satz daraus. 'score' sagt, um wie viel eine Wendung besser oder schlechter passt, in Abweichungen unveränderten Bodens.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/change_search.py" />
      <source>Point</source>
      <translation>Punkt</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/change_search.py" />
      <source>Number of phrases</source>
      <translation>Anzahl der Phrasen</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/change_search.py" />
      <source>What changed</source>
      <translation>Was sich verändert hat</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/change_search.py" />
      <source>Follow over many dates</source>
      <translation>Über viele Zeitpunkte verfolgen</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/change_search.py" />
      <source>Follows a query over rasters of one place: a score for every tile and date, the first and the last date above the threshold, how many are above it, and the trend in ten years. With a point, the tiles whose history is most like that of the place come first.

The result has a feature for each tile and date, and works with QGIS's temporal controller. Dates are read from layers, files or names; else list them, separated by commas, in the order of the rasters.</source>
      <translation>Verfolgt eine Suche über Raster eines Ortes: eine Passung für jede Kachel und jeden Zeitpunkt, der erste und der letzte Zeitpunkt über der Schwelle, wie viele darüber liegen, und der Trend in zehn Jahren. Mit einem Punkt kommen zuerst die Kacheln, deren Geschichte der des Ortes am ähnlichsten ist.

Das Ergebnis hat ein Objekt für jede Kachel und jeden Zeitpunkt und folgt der zeitlichen Steuerung von QGIS. Zeitpunkte werden aus Layern, Dateien oder Namen gelesen; sonst listen Sie sie auf, durch Kommas getrennt, in der Reihenfolge der Raster.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/change_search.py" />
      <source>Rasters of one place</source>
      <translation>Raster eines Ortes</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/change_search.py" />
      <source>Place with a history like those sought</source>
      <translation>Ort mit einer Geschichte wie der gesuchten</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/change_search.py" />
      <source>Match score that counts</source>
      <translation>Passung, die zählt</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/change_search.py" />
      <source>Dates, separated by commas</source>
      <translation>Zeitpunkte, durch Kommas getrennt</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/change_search.py" />
      <source>Tiles over time</source>
      <translation>Kacheln über die Zeit</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/change_search.py" />
      <source>Matching tiles</source>
      <translation>Passende Kacheln</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/change_search.py" />
      <source>{n} dates do not fit {rasters} rasters.</source>
      <translation>{n} Zeitpunkte passen nicht zu {rasters} Rastern.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/change_search.py" />
      <source>Choose at least two rasters of one place.</source>
      <translation>Wählen Sie mindestens zwei Raster eines Ortes.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/dates.py" />
      <source>Raster before</source>
      <translation>Raster vorher</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/dates.py" />
      <source>Index first what is not indexed yet</source>
      <translation>Zuerst erfassen, was noch nicht erfasst ist</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/dates.py" />
      <source>'{path}' has no index yet.</source>
      <translation>„{path}“ hat noch keinen Index.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/describe.py" />
      <source>Describe tile</source>
      <translation>Kachel beschreiben</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/describe.py" />
      <source>Looks at one tile of a raster, centred on a point, and lists the phrases of a phrase bank that fit it best.

Tile side: metres on the ground; 0 lets the pixel size decide. Phrase bank: a CSV file with a 'phrase' column; empty means the shipped one or that of the options. Of one category the best phrase is listed; 'match' says how well it fits: strong, likely, weak, none. The best phrase is empty where none matches at least likely. From each score the phrase's mean over many images is taken off, else some phrases would fit everywhere.</source>
      <translation>Betrachtet eine Kachel eines Rasters um einen Punkt und nennt die Phrasen, die am besten passen.

Kachelseite: Meter am Boden; 0 richtet sich nach der Pixelgröße. Phrasensammlung: eine CSV-Datei mit einer Spalte 'phrase'; leer bedeutet die mitgelieferten oder die der Optionen. Genannt wird je Kategorie die beste Phrase; 'match' sagt, wie gut sie passt: strong (stark), likely (wahrscheinlich), weak (schwach), none (gar nicht). Die beste Phrase ist leer, wo keine wenigstens wahrscheinlich passt. Von jedem Wert ist der Mittelwert der Phrase über viele Bilder abgezogen, sonst würden manche Phrasen überall passen.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/describe.py" />
      <source>Tile side (m)</source>
      <translation>Kachelseite (m)</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/describe.py" />
      <source>Phrase bank</source>
      <translation>Phrasensammlung</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/describe.py" />
      <source>Best phrase</source>
      <translation>Beste Phrase</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/describe.py" />
      <source>Looks at a raster where the features of a layer are, and writes what fits best into new fields: phrase (the best one), phrase_score (cosine less the phrase's mean over many images), match (strong, likely, weak, none), phrases (the best few), keywords, and windows (how many were looked at; polygons are seen through several, points through one).

Tile side: metres on the ground; 0 lets the size of each polygon decide. Phrase bank: a CSV file with a 'phrase' column; empty means that of the options, or the shipped one. Where no phrase matches at least likely, phrase and phrases stay empty. Features beside the raster, on pixels without data or without a valid geometry keep empty fields; the log says why.</source>
      <translation>Betrachtet ein Raster dort, wo die Objekte eines Layers liegen, und schreibt das am besten Passende in neue Felder: phrase (die beste), phrase_score (Kosinus minus Mittelwert der Phrase über viele Bilder), match (strong, likely, weak, none: wie gut sie passt), phrases (die besten), keywords (Schlagwörter) und windows (wie viele Fenster betrachtet wurden; Polygone durch mehrere, Punkte durch eines).

Kachelseite: Meter am Boden; 0 richtet sich nach der Größe jedes Polygons. Phrasensammlung: eine CSV-Datei mit einer Spalte 'phrase'; leer bedeutet die der Optionen oder die mitgelieferten. Wo keine Phrase wenigstens wahrscheinlich passt, bleiben phrase und phrases leer. Objekte neben dem Raster, auf Pixeln ohne Daten oder ohne gültige Geometrie behalten leere Felder; das Protokoll sagt, warum.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/describe.py" />
      <source>Features to describe</source>
      <translation>Zu beschreibende Objekte</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/describe.py" />
      <source>Tiles of a polygon, at most</source>
      <translation>Höchstzahl der Kacheln eines Polygons</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/describe.py" />
      <source>Described features</source>
      <translation>Beschriebene Objekte</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/describe.py" />
      <source>The layer of features has no CRS.</source>
      <translation>Der Layer der Objekte hat kein KBS.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/describe.py" />
      <source>Feature {id}: {problem}</source>
      <translation>Objekt {id}: {problem}</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/describe.py" />
      <source>{count} more features could not be described.</source>
      <translation>{count} weitere Objekte konnten nicht beschrieben werden.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/index_files.py" />
      <source>List indexes</source>
      <translation>Indexe auflisten</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/index_files.py" />
      <source>Lists index files: those of a folder, those of rasters, and always those of the cache folder, where the indexes of rasters in read-only folders lie.

State: 'current' (can be searched), 'other_model' (made with another model), 'stale' (the raster has changed since), 'raster_missing' (its tiles can be ranked, but not shown) or 'unreadable' (damaged).</source>
      <translation>Listet Indexdateien auf: die eines Ordners, die von Rastern, und immer die im Zwischenspeicher, wo die Indexe von Rastern in schreibgeschützten Ordnern liegen.

Zustand: „current“ (kann durchsucht werden), „other_model“ (mit einem anderen Modell gemacht), „stale“ (das Raster hat sich seither geändert), „raster_missing“ (die Kacheln können gereiht, aber nicht gezeigt werden) oder „unreadable“ (beschädigt).</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/index_files.py" />
      <source>Folder</source>
      <translation>Ordner</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/index_files.py" />
      <source>Delete index</source>
      <translation>Index löschen</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/index_files.py" />
      <source>Deletes an index file. The raster is not touched, and can be indexed again at any time.

Only index files are deleted: another GeoPackage is refused, and so is an index that a scan is writing. A damaged file is deleted where its name is that of an index. The output FREED tells how many bytes that gives back.</source>
      <translation>Löscht eine Indexdatei. Das Raster wird nicht berührt und kann jederzeit neu erfasst werden.

Nur Indexdateien werden gelöscht: Ein anderes GeoPackage wird abgelehnt, ebenso ein Index, in den gerade ein Scan schreibt. Eine beschädigte Datei wird gelöscht, wo ihr Name der eines Index ist. Die Ausgabe FREED sagt, wie viele Bytes das freigibt.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/index_files.py" />
      <source>Index file</source>
      <translation>Indexdatei</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/index_files.py" />
      <source>Bytes freed</source>
      <translation>Freigegebene Bytes</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/index_files.py" />
      <source>Move index</source>
      <translation>Index verschieben</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/index_files.py" />
      <source>Brings an index file to another folder, also on another disk. It is whole in the old place until it is whole in the new one, and replaces no other file.

A raster finds its index by itself only beside it and in the cache folder; from anywhere else choose the index file in the search. The output MOVED tells where it is now.</source>
      <translation>Bringt eine Indexdatei in einen anderen Ordner, auch auf einer anderen Platte. Sie ist am alten Ort ganz, bis sie am neuen ganz ist, und ersetzt keine andere Datei.

Ein Raster findet seinen Index von selbst nur neben sich und im Zwischenspeicher; von anderswo wählen Sie die Indexdatei in der Suche. Die Ausgabe MOVED sagt, wo sie nun liegt.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/index_files.py" />
      <source>New folder</source>
      <translation>Neuer Ordner</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/index_files.py" />
      <source>Index file in its new place</source>
      <translation>Indexdatei an ihrem neuen Ort</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/index_files.py" />
      <source>Choose a raster or an index file.</source>
      <translation>Wählen Sie ein Raster oder eine Indexdatei.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/index_files.py" />
      <source>Index coverage</source>
      <translation>Abdeckung des Index</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/index_files.py" />
      <source>Shows which part of a raster is indexed and which is not, tile side by tile side: two polygons for each, with the state 'indexed' or 'missing'.

Choose a raster, whose index is found beside it or in the cache folder, or an index file. Tiles that were looked at and have too few pixels with data count as indexed.</source>
      <translation>Zeigt, welcher Teil eines Rasters erfasst ist und welcher nicht, Kachelgröße für Kachelgröße: je zwei Polygone mit dem Zustand „indexed“ oder „missing“.

Wählen Sie ein Raster, dessen Index daneben oder im Zwischenspeicher gefunden wird, oder eine Indexdatei. Kacheln, die angesehen wurden und zu wenige Pixel mit Daten haben, zählen als erfasst.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/index_files.py" />
      <source>Share of the raster that is indexed</source>
      <translation>Erfasster Anteil des Rasters</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/index_files.py" />
      <source>Export index</source>
      <translation>Index exportieren</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/index_files.py" />
      <source>Writes an index as GeoParquet 1.1, which other tools for embeddings read: a row per tile with id, geometry, bbox, scale_m (tile side in metres), valid (share of pixels with data) and embedding (a vector of unit length).

Choose a raster, whose index is found beside it or in the cache folder, or an index file. The file's metadata name the model: only vectors of one model can be compared.</source>
      <translation>Schreibt einen Index als GeoParquet 1.1, das andere Werkzeuge für Einbettungen lesen: eine Zeile je Kachel mit id, geometry, bbox, scale_m (Kachelseite in Metern), valid (Anteil der Pixel mit Daten) und embedding (ein Vektor der Länge 1).

Wählen Sie ein Raster, dessen Index daneben oder im Zwischenspeicher gefunden wird, oder eine Indexdatei. Die Metadaten der Datei nennen das Modell: Nur Vektoren eines Modells lassen sich vergleichen.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/index_files.py" />
      <source>GeoParquet file</source>
      <translation>GeoParquet-Datei</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/index_files.py" />
      <source>GeoParquet (*.parquet)</source>
      <translation>GeoParquet (*.parquet)</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/index_files.py" />
      <source>{tiles} tiles, {size:.1f} MB</source>
      <translation>{tiles} Kacheln, {size:.1f} MB</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/index_raster.py" />
      <source>Index raster</source>
      <translation>Raster erfassen</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/index_raster.py" />
      <source>Cuts a raster into overlapping tiles of several ground sizes, lets the model look at each, and keeps what it saw in an index file. Any number of text searches then run on the index in a moment.

A raster that is a file is read from there; any other layer (XYZ, WMS, WMTS, hillshade) is drawn by QGIS, at the pixel size given where it has no pixels of its own. Tiles that are known already are not computed again: a cancelled run goes on where it stopped, and an area can be added to an index.

Area of interest or extent: only tiles that meet it are indexed. Tile sides: metres on the ground, separated by commas; empty lets the pixel size decide. Index file: empty means beside the raster, or in the cache folder where that is read-only.</source>
      <translation>Teilt ein Raster in überlappende Kacheln mehrerer Bodengrößen, lässt das Modell jede ansehen und behält in einer Indexdatei, was es sah. Darauf laufen beliebig viele Textsuchen in einem Augenblick.

Ein Raster, das eine Datei ist, wird dort gelesen; jeder andere Layer (XYZ, WMS, WMTS, Schummerung) wird von QGIS gezeichnet, in der angegebenen Pixelgröße, wo er keine eigenen Pixel hat. Bekannte Kacheln werden nicht neu berechnet: Ein abgebrochener Lauf geht dort weiter, und ein Gebiet kann einem Index hinzugefügt werden.

Interessengebiet oder Ausdehnung: Nur Kacheln, die sie berühren, werden erfasst. Kachelseiten: Meter am Boden, durch Kommas getrennt; leer entscheidet die Pixelgröße. Indexdatei: leer heißt neben dem Raster, oder im Zwischenspeicher, wo der Ordner schreibgeschützt ist.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/index_raster.py" />
      <source>Extent</source>
      <translation>Ausdehnung</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/index_raster.py" />
      <source>Tile index (*.gpkg)</source>
      <translation>Kachelindex (*.gpkg)</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/index_raster.py" />
      <source>Tiles of the area</source>
      <translation>Kacheln des Gebiets</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/index_raster.py" />
      <source>Tiles without enough pixels</source>
      <translation>Kacheln ohne genügend Pixel</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/index_raster.py" />
      <source>Give an area of interest or an extent, not both.</source>
      <translation>Geben Sie ein Interessengebiet oder eine Ausdehnung an, nicht beides.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/index_raster.py" />
      <source>Explore a raster</source>
      <translation>Raster erkunden</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/index_raster.py" />
      <source>Puts the indexed tiles of a raster into groups that look alike: a multipolygon for each, with its name, how well that matches (verdict: strong, likely, weak, none), tiles and area in square metres. A group that no phrase fits is called by its number.

Choose a raster, whose index is found beside it or in the cache folder, or an index file. Tiles of one scale count, and ground under overlapping tiles once.</source>
      <translation>Fasst die indizierten Kacheln eines Rasters zu Gruppen zusammen, die sich ähneln: je ein Multipolygon mit Namen, der Übereinstimmung (verdict: strong, likely, weak, none), Kacheln und Fläche in Quadratmetern. Eine Gruppe, auf die keine Phrase passt, heißt nach ihrer Nummer.

Wählen Sie ein Raster, dessen Index daneben oder im Cache-Ordner gefunden wird, oder eine Indexdatei. Es zählen Kacheln einer Größe, und Boden unter überlappenden Kacheln einmal.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/index_raster.py" />
      <source>Groups, at most</source>
      <translation>Gruppen, höchstens</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/index_raster.py" />
      <source>Number of groups</source>
      <translation>Anzahl der Gruppen</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/parameters.py" />
      <source>These are no tile sides in metres: {text}</source>
      <translation>Das sind keine Kachelseiten in Metern: {text}</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/parameters.py" />
      <source>Overlap of tiles</source>
      <translation>Überlappung der Kacheln</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/parameters.py" />
      <source>Pixel size of drawn layers (m, 0: as usual)</source>
      <translation>Pixelgröße gezeichneter Layer (m, 0: wie üblich)</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/search_text.py" />
      <source>Search by text</source>
      <translation>Nach Text suchen</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/search_text.py" />
      <source>Finds the tiles of a raster that fit a description best, for example: a bridge over a wide river. Terms can be added and avoided, with weights: "car park" + 2:trees - water.

Choose a raster; what its index lacks is indexed first, unless you switch that off. Or choose an index file that exists, without its raster.

The result holds one polygon per tile: rank, score (likeness to the words as a cosine, only comparable within one query), match (strong, likely, weak, none) and match score (how far the tile stands out from what background phrases reach on the same raster: strong from 2, likely from 1, weak from 0; the field is called match_score), the phrase that describes it best, side in metres, share of pixels with data, query and source. The output MATCH says in the same words whether anything matches well at all. The model reads English best, and fifteen other languages.

Save as GeoPackage, GeoJSON or any other format by the extension of the output file.</source>
      <translation>Findet die Kacheln eines Rasters, die am besten zu einer Beschreibung passen, zum Beispiel: a bridge over a wide river. Begriffe können hinzugenommen und gemieden werden, mit Gewichten: "car park" + 2:trees - water.

Wählen Sie ein Raster; was seinem Index fehlt, wird zuerst erfasst, außer Sie schalten das ab. Oder wählen Sie eine vorhandene Indexdatei, ohne ihr Raster.

Das Ergebnis enthält ein Polygon je Kachel: Rang, Bewertung (Ähnlichkeit mit den Wörtern als Kosinus, nur innerhalb einer Anfrage vergleichbar), match (strong, likely, weak, none: wie gut es passt) und Passung (wie weit die Kachel über dem liegt, was Vergleichsphrasen auf demselben Raster erreichen: sehr gut ab 2, wahrscheinlich ab 1, kaum ab 0; das Feld heißt match_score), die Phrase, die sie am besten beschreibt, Seite in Metern, Anteil der Pixel mit Daten, Anfrage und Quelle. Die Ausgabe MATCH sagt mit denselben Wörtern, ob überhaupt etwas gut passt. Das Modell liest am besten Englisch, und fünfzehn weitere Sprachen.

Als GeoPackage, GeoJSON oder in einem anderen Format speichern: nach der Endung der Ausgabedatei.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/search_text.py" />
      <source>What to find</source>
      <translation>Was gesucht wird</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/search_text.py" />
      <source>Find similar tiles</source>
      <translation>Ähnliche Kacheln finden</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/search_text.py" />
      <source>Finds the tiles of a raster that look like an example: a point on it, or the features of a layer (points are seen with a surrounding of the tile side, polygons by their extent). Examples to avoid come from a layer of their own. A text may be added; it counts as one more example.

Choose a raster; what its index lacks is indexed first, unless you switch that off. Or choose an index file that exists: its own tiles at the examples' places are looked up then.

The result is that of 'Search by text'.</source>
      <translation>Findet die Kacheln eines Rasters, die wie ein Beispiel aussehen: ein Punkt darauf, oder die Objekte eines Layers (Punkte mit einer Umgebung von der Kachelseite, Polygone mit ihrer Ausdehnung). Zu meidende Beispiele kommen aus einem eigenen Layer. Ein Text kann hinzukommen; er zählt wie ein weiteres Beispiel.

Wählen Sie ein Raster; was seinem Index fehlt, wird zuerst erfasst, außer Sie schalten das ab. Oder wählen Sie eine vorhandene Indexdatei: Dann werden deren eigene Kacheln an den Orten der Beispiele genommen.

Das Ergebnis ist das von „Nach Text suchen“.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/search_text.py" />
      <source>Example point</source>
      <translation>Beispielpunkt</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/search_text.py" />
      <source>Examples</source>
      <translation>Beispiele</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/search_text.py" />
      <source>Examples to avoid</source>
      <translation>Zu meidende Beispiele</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/search_text.py" />
      <source>Side of point examples (m)</source>
      <translation>Seite von Punktbeispielen (m)</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/search_text.py" />
      <source>Text besides the examples</source>
      <translation>Text neben den Beispielen</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/search_text.py" />
      <source>Give an example: a point, or a layer with features.</source>
      <translation>Geben Sie ein Beispiel an: einen Punkt, oder einen Layer mit Objekten.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/search_text.py" />
      <source>Heat map of a text</source>
      <translation>Wärmekarte zu einem Text</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/search_text.py" />
      <source>Shows where a raster fits a description: each cell has the mean likeness (cosine) of all tiles that cover it, of all sizes. The text may add and avoid terms, with weights: "car park" + 2:trees - water.

Choose a raster; what its index lacks is indexed first, unless you switch that off. Or choose an index file that exists.

The result is a GeoTIFF of 32-bit numbers in the raster's CRS, with no data where nothing is indexed. Outputs LOW and HIGH: the scores between which the layer's style goes from clear to hot, the median of all cells and what 1 in 200 exceeds. There is a hottest place for every text: 'Search by text' tells whether it is really there.</source>
      <translation>Zeigt, wo ein Raster zu einer Beschreibung passt: Jede Zelle hat die mittlere Ähnlichkeit (Kosinus) aller Kacheln, die sie bedecken, in allen Größen. Der Text kann Begriffe hinzunehmen und meiden, mit Gewichten: "car park" + 2:trees - water.

Wählen Sie ein Raster; was seinem Index fehlt, wird zuerst erfasst, außer Sie schalten das ab. Oder wählen Sie eine vorhandene Indexdatei.

Das Ergebnis ist ein GeoTIFF mit 32-Bit-Zahlen im KBS des Rasters, ohne Daten, wo nichts erfasst ist. Ausgaben LOW und HIGH: die Bewertungen, zwischen denen der Stil des Layers von durchsichtig bis heiß geht, der Median aller Zellen und was 1 von 200 übersteigt. Einen heißesten Ort gibt es zu jedem Text: „Nach Text suchen“ sagt, ob es das Gesuchte wirklich gibt.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/search_text.py" />
      <source>Score from which the map has colour</source>
      <translation>Bewertung, ab der die Karte Farbe hat</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/search_text.py" />
      <source>Score from which the map is hottest</source>
      <translation>Bewertung, ab der die Karte am heißesten ist</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/search_text.py" />
      <source>Only the tiles that are indexed are shown.</source>
      <translation>Nur die erfassten Kacheln werden gezeigt.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/search_text.py" />
      <source>{width} × {height} cells, scores {low:.3f} to {high:.3f}.</source>
      <translation>{width} × {height} Zellen, Bewertungen von {low:.3f} bis {high:.3f}.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/search_text.py" />
      <source>A heat map is a GeoTIFF: let its name end in .tif, not {path}</source>
      <translation>Eine Wärmekarte ist ein GeoTIFF: Ihr Name soll auf .tif enden, nicht {path}</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/search_text.py" />
      <source>The heat map cannot be written to {path}: {reason}</source>
      <translation>Die Wärmekarte kann nicht nach {path} geschrieben werden: {reason}</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/searching.py" />
      <source>{missing} of {tiles} tiles are not indexed yet: about {seconds:.0f} s and {size:.1f} MB.</source>
      <translation>{missing} von {tiles} Kacheln sind noch nicht erfasst: etwa {seconds:.0f} s und {size:.1f} MB.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/searching.py" />
      <source>Tile sides: {sides}</source>
      <translation>Kachelseiten: {sides}</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/searching.py" />
      <source>{encoded} tiles encoded, {reused} known before, {skipped} skipped in {seconds:.1f} s: {index}</source>
      <translation>{encoded} Kacheln erfasst, {reused} schon bekannt, {skipped} ausgelassen in {seconds:.1f} s: {index}</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/searching.py" />
      <source>Only these tile sides (m)</source>
      <translation>Nur diese Kachelseiten (m)</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/searching.py" />
      <source>Least share of pixels with data</source>
      <translation>Kleinster Anteil der Pixel mit Daten</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/searching.py" />
      <source>Best match (strong, likely, weak or none)</source>
      <translation>Wie gut das Beste passt (strong, likely, weak oder none)</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/searching.py" />
      <source>Match score of the best tiles</source>
      <translation>Passung der besten Kacheln</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/searching.py" />
      <source>The best tiles have a match score of {score}.</source>
      <translation>Die besten Kacheln haben eine Passung von {score}.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/searching.py" />
      <source>They look most like: {phrase}</source>
      <translation>Sie sehen am ehesten aus wie: {phrase}</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/searching.py" />
      <source>Only the tiles that are indexed are searched.</source>
      <translation>Nur die erfassten Kacheln werden durchsucht.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/render/drawer.py" />
      <source>no answer in time</source>
      <translation>keine rechtzeitige Antwort</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/render/drawer.py" />
      <source>a message of the type {kind} instead of a picture</source>
      <translation>eine Nachricht der Art {kind} statt eines Bildes</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/render/drawer.py" />
      <source>no answer within {seconds:g} s</source>
      <translation>keine Antwort in {seconds:g} s</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/render/feeder.py" />
      <source>The layer '{name}' looks otherwise than before.</source>
      <translation>Der Layer „{name}“ sieht anders aus als zuvor.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/render/feeder.py" />
      <source>The layer '{name}' is not shown at a scale that is needed.</source>
      <translation>Der Layer „{name}“ wird in einem Maßstab, der gebraucht wird, nicht angezeigt.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/render/feeder.py" />
      <source>'{name}' is not drawn: {host} fails ({problem}).</source>
      <translation>„{name}“ wird nicht gezeichnet: {host} versagt ({problem}).</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/render/feeder.py" />
      <source>its source</source>
      <translation>seine Quelle</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/render/feeder.py" />
      <source>The layer '{name}' was removed.</source>
      <translation>Der Layer „{name}“ wurde entfernt.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/render/feeder.py" />
      <source>The layer '{name}' is not in the project.</source>
      <translation>Der Layer „{name}“ ist nicht im Projekt.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/render/grid.py" />
      <source>The layer '{name}' is too large to be searched as a whole at {gsd:g} m a pixel.</source>
      <translation>Der Layer „{name}“ ist zu groß, um ihn bei {gsd:g} m je Pixel ganz zu durchsuchen.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/render/grid.py" />
      <source>The area of interest is no polygon with a known CRS.</source>
      <translation>Das Interessengebiet ist kein Polygon mit bekanntem KBS.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/render/grid.py" />
      <source>The area of interest has no geographic coordinates.</source>
      <translation>Das Interessengebiet hat keine geografischen Koordinaten.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/render/source.py" />
      <source>The layer '{name}' comes from {host}, whose terms forbid to fetch tiles in bulk.</source>
      <translation>Der Layer „{name}“ kommt von {host}, dessen Bedingungen verbieten, Kacheln in Massen zu holen.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/search/area.py" />
      <source>No polygon is selected: select one or more polygons on the map first.</source>
      <translation>Kein Polygon ist ausgewählt: Wählen Sie zuerst eines oder mehrere auf der Karte aus.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/search/area.py" />
      <source>The selected polygons cannot be brought into one CRS.</source>
      <translation>Die ausgewählten Polygone lassen sich nicht in ein KBS bringen.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/search/area.py" />
      <source>The selected polygons have no area.</source>
      <translation>Die ausgewählten Polygone haben keine Fläche.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/search/comparing.py" />
      <source>Choose a place that changed in the list first, and there “Find places like this”.</source>
      <translation>Wählen Sie zuerst in der Liste einen Ort, der sich verändert hat, und dort „Orte wie diesen finden“.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/search/comparing.py" />
      <source>Compare two dates first; then a click tells what changed at a place.</source>
      <translation>Vergleichen Sie zuerst zwei Zeitpunkte; dann sagt ein Klick, was sich an einem Ort verändert hat.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/search/comparing.py" />
      <source>A series needs at least two layers of one place: tick them in the list.</source>
      <translation>Eine Reihe braucht mindestens zwei Layer eines Ortes: Kreuzen Sie sie in der Liste an.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/search/comparing.py" />
      <source>'{first}' and '{second}' both have the date {date}.</source>
      <translation>„{first}“ und „{second}“ haben beide das Datum {date}.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/search/comparing.py" />
      <source>Nothing tells the date of '{name}'.</source>
      <translation>Nichts nennt das Datum von „{name}“.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/search/comparing.py" />
      <source>The date of '{name}' must read like 2020, 2020-08 or 2020-08-31, not '{date}'.</source>
      <translation>Das Datum von „{name}“ muss wie 2020, 2020-08 oder 2020-08-31 lauten, nicht „{date}“.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/search/controller.py" />
      <source>What is asked of several dates is not refined by examples.</source>
      <translation>Was nach mehreren Zeitpunkten fragt, wird nicht mit Beispielen verfeinert.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/search/controller.py" />
      <source>Accept or reject some hits first: they show what you look for.</source>
      <translation>Nehmen Sie zuerst Treffer an, oder lehnen Sie welche ab: Sie zeigen, was Sie suchen.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/search/controller.py" />
      <source>Search one date first, then save the search under a name.</source>
      <translation>Zuerst ein einzelnes Datum durchsuchen, dann die Suche unter einem Namen speichern.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/search/controller.py" />
      <source>The query is empty.</source>
      <translation>Die Anfrage ist leer.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/search/examples.py" />
      <source>There is no raster layer to search: add one to the map, then choose it here.</source>
      <translation>Es gibt keinen Rasterlayer zu durchsuchen: Fügen Sie der Karte einen hinzu, und wählen Sie ihn dann hier.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/search/examples.py" />
      <source>None of the chosen layers lies at this place.</source>
      <translation>Keiner der gewählten Layer liegt an dieser Stelle.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/search/flow.py" />
      <source>Left out: {sentence}</source>
      <translation>Ausgelassen: {sentence}</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/search/flow.py" />
      <source>The project has no layer any more that this question is about: choose one, and search.</source>
      <translation>Das Projekt hat keinen Layer mehr, um den es in dieser Frage geht: Wählen Sie einen, und suchen Sie.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/search/flow.py" />
      <source>A scan is under way; the tiles that this search lacks are scanned after it.</source>
      <translation>Ein Scan läuft; die Kacheln, die dieser Suche fehlen, werden danach erfasst.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/search/flow.py" />
      <source>'{name}' was left out: {sentence}</source>
      <translation>„{name}“ wurde ausgelassen: {sentence}</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/search/permitted_sources.py" />
      <source>The index {path} is not known to belong to a layer of this project.</source>
      <translation>Vom Index {path} ist nicht bekannt, dass er zu einem Layer dieses Projekts gehört.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/search/permitted_sources.py" />
      <source>No layer of this project shows {path}, in which an example of this search lies.</source>
      <translation>Kein Layer dieses Projekts zeigt {path}, worin ein Beispiel dieser Suche liegt.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/search/question.py" />
      <source>{query}, gone like one place</source>
      <translation>{query}, Verlauf wie an einem Ort</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/search/question.py" />
      <source>{query}, refined</source>
      <translation>{query}, verfeinert</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/search/question.py" />
      <source>{query} + examples</source>
      <translation>{query} + Beispiele</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/search/question.py" />
      <source>similar places</source>
      <translation>ähnliche Orte</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/search/saved.py" />
      <source>Searches saved in the project that cannot be read, and were left out: {n}</source>
      <translation>Im Projekt gespeicherte Suchen, die nicht lesbar sind und ausgelassen wurden: {n}</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/search/saved.py" />
      <source>Judged places kept in the project that cannot be read, and were left out: {n}</source>
      <translation>Im Projekt aufbewahrte beurteilte Orte, die sich nicht lesen lassen und ausgelassen wurden: {n}</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/search/scanning.py" />
      <source>The layer '{name}' was removed, so its scan was stopped.</source>
      <translation>Der Layer „{name}“ wurde entfernt, daher wurde sein Scan angehalten.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/search/scanning.py" />
      <source>Other hits of this answer are not at hand: search again to see them.</source>
      <translation>Andere Treffer dieser Antwort sind nicht verfügbar: Suchen Sie noch einmal, um sie zu sehen.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/search/scanning.py" />
      <source>{name} ({n} of {rasters})</source>
      <translation>{name} ({n} von {rasters})</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/search/scanning.py" />
      <source>{sentence} It was started again; the scan goes on.</source>
      <translation>{sentence} Er wurde neu gestartet; der Scan geht weiter.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/search/scanning.py" />
      <source>{skipped} of {tiles} tiles were left out: too few pixels with data.</source>
      <translation>{skipped} von {tiles} Kacheln wurden ausgelassen: zu wenige Pixel mit Daten.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/search/scanning.py" />
      <source>'{name}' could not be scanned: {sentence}</source>
      <translation>„{name}“ konnte nicht erfasst werden: {sentence}</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/session.py" />
      <source>A batch scan is running: this scan starts when it ends, or when you pause it.</source>
      <translation>Ein Stapelscan läuft: Dieser Scan beginnt, wenn er endet oder wenn Sie ihn anhalten.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/setup/desktop.py" />
      <source>Set Up the Worker…</source>
      <translation>Arbeitsprozess einrichten…</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/setup/desktop.py" />
      <source>Build, repair or remove the environment that MSA Search computes in</source>
      <translation>Die Umgebung bauen, reparieren oder entfernen, in der MSA Search rechnet</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/setup/desktop.py" />
      <source>The diagnostics are on the clipboard. Look them over before you send them.</source>
      <translation>Die Diagnose ist in der Zwischenablage. Sehen Sie sie durch, bevor Sie sie verschicken.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/setup/desktop.py" />
      <source>The worker is set up.</source>
      <translation>Der Arbeitsprozess ist eingerichtet.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/setup/dialog.py" />
      <source>Set up MSA Search</source>
      <translation>MSA Search einrichten</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/setup/dialog.py" />
      <source>&amp;Use it</source>
      <translation>&amp;Verwenden</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/setup/dialog.py" />
      <source>Searching needs a worker: a Python environment of its own that holds PyTorch and the model. Nothing is installed into QGIS, and nothing you search leaves this computer.</source>
      <translation>Die Suche braucht einen Arbeitsprozess: eine eigene Python-Umgebung mit PyTorch und dem Modell. In QGIS wird nichts installiert, und nichts von dem, was Sie durchsuchen, verlässt diesen Rechner.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/setup/dialog.py" />
      <source>&amp;Build an environment for MSA Search</source>
      <translation>Eine Umgebung für MSA Search &amp;bauen</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/setup/dialog.py" />
      <source>Use a worker that is installed &amp;already</source>
      <translation>Einen schon inst&amp;allierten Arbeitsprozess verwenden</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/setup/dialog.py" />
      <source>The program “msa” of that environment</source>
      <translation>Das Programm „msa“ jener Umgebung</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/setup/dialog.py" />
      <source>&amp;Details</source>
      <translation>&amp;Details</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/setup/dialog.py" />
      <source>What the installers print</source>
      <translation>Was die Installationsprogramme ausgeben</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/setup/dialog.py" />
      <source>&amp;Set up</source>
      <translation>&amp;Einrichten</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/setup/dialog.py" />
      <source>S&amp;top</source>
      <translation>&amp;Anhalten</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/setup/dialog.py" />
      <source>What is done is kept; the set-up can go on later</source>
      <translation>Was getan ist, bleibt; die Einrichtung kann später weitergehen</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/setup/dialog.py" />
      <source>R&amp;emove…</source>
      <translation>Ent&amp;fernen…</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/setup/dialog.py" />
      <source>&amp;Copy diagnostics</source>
      <translation>Diagnose &amp;kopieren</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/setup/dialog.py" />
      <source>The environment is deleted.</source>
      <translation>Die Umgebung ist gelöscht.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/setup/dialog.py" />
      <source>This computer has a graphics card that is not used: choose NVIDIA above and repair.</source>
      <translation>Dieser Rechner hat eine Grafikkarte, die nicht genutzt wird: Wählen Sie oben NVIDIA, und reparieren Sie.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/setup/dialog.py" />
      <source>{program} is no Python that answers.</source>
      <translation>{program} ist kein Python, das antwortet.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/setup/dialog.py" />
      <source>Install the worker's environment anew?
{folder}

Until then nothing is searched.</source>
      <translation>Die Umgebung des Arbeitsprozesses neu installieren?
{folder}

Bis dahin wird nichts gesucht.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/setup/dialog.py" />
      <source>Repair the worker</source>
      <translation>Den Arbeitsprozess reparieren</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/setup/dialog.py" />
      <source>&amp;Repair</source>
      <translation>&amp;Reparieren</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/setup/dialog.py" />
      <source>Delete the worker's environment?
{folder}

Indexes and settings stay.</source>
      <translation>Die Umgebung des Arbeitsprozesses löschen?
{folder}

Indexe und Einstellungen bleiben.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/setup/dialog.py" />
      <source>Remove the worker</source>
      <translation>Den Arbeitsprozess entfernen</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/setup/dialog.py" />
      <source>&amp;Delete</source>
      <translation>&amp;Löschen</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/setup/form.py" />
      <source>Python {version}, fetched and managed by uv</source>
      <translation>Python {version}, von uv geholt und verwaltet</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/setup/form.py" />
      <source>None found: install Python 3.11 or newer, or name one</source>
      <translation>Keines gefunden: Installieren Sie Python 3.11 oder neuer, oder nennen Sie eines</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/setup/form.py" />
      <source>Another one…</source>
      <translation>Ein anderes…</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/setup/form.py" />
      <source>The environment is made with it; QGIS's own Python stays untouched</source>
      <translation>Damit wird die Umgebung angelegt; das Python von QGIS bleibt unberührt</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/setup/form.py" />
      <source>PyTorch for a graphics card of NVIDIA is several times larger</source>
      <translation>PyTorch für eine Grafikkarte von NVIDIA ist um ein Mehrfaches größer</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/setup/form.py" />
      <source>as this computer is configured</source>
      <translation>wie dieser Rechner eingestellt ist</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/setup/form.py" />
      <source>Address of another package index; more of them behind it, with spaces</source>
      <translation>Adresse eines anderen Paketindex; weitere dahinter, mit Leerzeichen</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/setup/form.py" />
      <source>none: packages are fetched</source>
      <translation>keiner: Pakete werden geholt</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/setup/form.py" />
      <source>A folder that holds every package as a wheel: then nothing is fetched</source>
      <translation>Ein Ordner, der jedes Paket als Wheel enthält: Dann wird nichts geholt</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/setup/form.py" />
      <source>&amp;Python</source>
      <translation>&amp;Python</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/setup/form.py" />
      <source>&amp;Graphics card</source>
      <translation>&amp;Grafikkarte</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/setup/form.py" />
      <source>Without the usual internet</source>
      <translation>Ohne das übliche Internet</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/setup/form.py" />
      <source>Package &amp;index</source>
      <translation>Paket&amp;index</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/setup/form.py" />
      <source>Folder of &amp;wheels</source>
      <translation>Ordner mit &amp;Wheels</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/setup/form.py" />
      <source>The proxy is the one of QGIS's options (Network).</source>
      <translation>Der Proxy ist der aus den Optionen von QGIS (Netzwerk).</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/setup/form.py" />
      <source>none found, processor only</source>
      <translation>keine gefunden, nur Prozessor</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/setup/form.py" />
      <source>automatic: {card}</source>
      <translation>automatisch: {card}</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/setup/form.py" />
      <source>processor only</source>
      <translation>nur Prozessor</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/setup/form.py" />
      <source>NVIDIA (CUDA)</source>
      <translation>NVIDIA (CUDA)</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/setup/form.py" />
      <source>Choose a Python 3.11 or newer</source>
      <translation>Wählen Sie ein Python 3.11 oder neuer</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/setup/job.py" />
      <source>The set-up was stopped; it can go on from here.</source>
      <translation>Die Einrichtung wurde angehalten; sie kann von hier weitergehen.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/setup/job.py" />
      <source>The environment cannot be finished.</source>
      <translation>Die Umgebung kann nicht fertiggestellt werden.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/setup/job.py" />
      <source>The environment cannot be deleted: {reason}</source>
      <translation>Die Umgebung kann nicht gelöscht werden: {reason}</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/setup/trial.py" />
      <source>&amp;Test</source>
      <translation>&amp;Testen</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/setup/trial.py" />
      <source>Start the worker and show its device and versions</source>
      <translation>Den Arbeitsprozess starten und sein Gerät und seine Versionen zeigen</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/setup/trial.py" />
      <source>Meas&amp;ure engines</source>
      <translation>Rechenwerke &amp;messen</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/setup/trial.py" />
      <source>Find out again which engine is the fastest on this machine; best while it does nothing else</source>
      <translation>Neu herausfinden, welches Rechenwerk auf diesem Rechner das schnellste ist; am besten, während er sonst nichts tut</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/setup/trial.py" />
      <source>&amp;Fit verdicts</source>
      <translation>&amp;Urteile anpassen</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/setup/trial.py" />
      <source>To the raster files of this project, by what the shipped model is sure of in them</source>
      <translation>An die Rasterdateien dieses Projekts, nach dem, was das mitgelieferte Modell darin sicher erkennt</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/setup/trial.py" />
      <source>Starting…</source>
      <translation>Startet…</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/setup/trial.py" />
      <source>Trying the model on drawn pictures…</source>
      <translation>Das Modell wird an gezeichneten Bildern erprobt …</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/setup/trial.py" />
      <source>Measuring the engines…</source>
      <translation>Die Rechenwerke werden gemessen …</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/setup/trial.py" />
      <source>Add raster files such as you will search to the project first.</source>
      <translation>Fügen Sie dem Projekt zuerst Rasterdateien hinzu, wie Sie sie durchsuchen werden.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/setup/trial.py" />
      <source>{raster}: {done} of {total} tiles…</source>
      <translation>{raster}: {done} von {total} Kacheln …</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/setup/trial.py" />
      <source>Only {engine} runs here.</source>
      <translation>Hier läuft nur {engine}.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/setup/trial.py" />
      <source>The fastest engine is {engine}; it is used from the worker's next start.</source>
      <translation>Das schnellste Rechenwerk ist {engine}; es wird ab dem nächsten Start des Arbeitsprozesses verwendet.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/setup/trial.py" />
      <source>Tiles a second: {rates}</source>
      <translation>Kacheln je Sekunde: {rates}</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/setup/trial.py" />
      <source>{own:.1f} tiles a second (shipped model: {shipped:.1f}), {bytes} bytes a tile in an index ({shipped_bytes}).</source>
      <translation>{own:.1f} Kacheln je Sekunde (mitgeliefertes Modell: {shipped:.1f}), {bytes} Bytes je Kachel im Index ({shipped_bytes}).</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/setup/trial.py" />
      <source>What the model sees and what it reads do not belong together: it was converted wrongly, or some of its files are of another model. Do not use it.</source>
      <translation>Was das Modell sieht und was es liest, gehört nicht zusammen: Es wurde falsch umgewandelt, oder einige seiner Dateien stammen von einem anderen Modell. Verwenden Sie es nicht.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/setup/trial.py" />
      <source>The model sees and reads alike.</source>
      <translation>Das Modell sieht und liest übereinstimmend.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/setup/trial.py" />
      <source>Its verdicts are not fitted yet: press Fit verdicts, or run msa calibrate --model FOLDER RASTERS.</source>
      <translation>Seine Urteile sind noch nicht angepasst: Klicken Sie „Urteile anpassen“, oder führen Sie msa calibrate --model ORDNER RASTER aus.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/setup/trial.py" />
      <source>Verdicts fitted to {cases} phrases on {rasters} rasters: what is there stands above what is not in {percent:.0f} % of pairs, each raster by constants of the others. They count from the next start of the worker.</source>
      <translation>Urteile angepasst an {cases} Phrasen auf {rasters} Rastern: Was da ist, steht in {percent:.0f} % der Paare über dem, was nicht da ist, jedes Raster nach den Konstanten der anderen. Sie gelten ab dem nächsten Start des Arbeitsprozesses.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/setup/trial.py" />
      <source>Ready in {seconds:.1f} s on {device} ({name}). Worker {version}, Python {python}, model {model}.</source>
      <translation>Bereit in {seconds:.1f} s auf {device} ({name}). Arbeitsprozess {version}, Python {python}, Modell {model}.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/setup/trial.py" />
      <source>There is a graphics card that is not used.</source>
      <translation>Es gibt eine Grafikkarte, die nicht genutzt wird.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/setup/wording.py" />
      <source>Looking for a Python</source>
      <translation>Sucht ein Python</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/setup/wording.py" />
      <source>Making an empty environment</source>
      <translation>Legt eine leere Umgebung an</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/setup/wording.py" />
      <source>Fetching and unpacking the packages: this takes the longest</source>
      <translation>Holt und entpackt die Pakete: Das dauert am längsten</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/setup/wording.py" />
      <source>Fetching the text encoder</source>
      <translation>Holt das Textmodell</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/setup/wording.py" />
      <source>Installing the search engine and the model</source>
      <translation>Installiert Suchmaschine und Modell</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/setup/wording.py" />
      <source>Trying it: the worker starts and looks at a picture</source>
      <translation>Probelauf: Der Arbeitsprozess startet und sieht ein Bild an</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/setup/wording.py" />
      <source>Setting up the worker: {percent} %</source>
      <translation>Arbeitsprozess wird eingerichtet: {percent} %</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/setup/wording.py" />
      <source>Set up: version {version}, PyTorch {torch} on Python {python}, {size} on the disk.</source>
      <translation>Eingerichtet: Version {version}, PyTorch {torch} mit Python {python}, {size} auf der Platte.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/setup/wording.py" />
      <source>The worker is not set up yet.</source>
      <translation>Der Arbeitsprozess ist noch nicht eingerichtet.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/setup/wording.py" />
      <source>A set-up was begun and not finished; it can go on from there.</source>
      <translation>Eine Einrichtung wurde begonnen und nicht beendet; sie kann von dort weitergehen.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/setup/wording.py" />
      <source>The worker was set up for another version of MSA Search.</source>
      <translation>Der Arbeitsprozess wurde für eine andere Version von MSA Search eingerichtet.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/setup/wording.py" />
      <source>Go &amp;on</source>
      <translation>&amp;Weitermachen</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/setup/wording.py" />
      <source>&amp;Update</source>
      <translation>Akt&amp;ualisieren</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/setup/wording.py" />
      <source>Fetches nothing; takes about {disk} in {folder}, where {free} are free.</source>
      <translation>Holt nichts; braucht etwa {disk} in {folder}, wo {free} frei sind.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/setup/wording.py" />
      <source>Fetches about {download}; takes about {disk} in {folder}, where {free} are free.</source>
      <translation>Holt etwa {download}; braucht etwa {disk} in {folder}, wo {free} frei sind.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/setup/wording.py" />
      <source>Python {version} ({path})</source>
      <translation>Python {version} ({path})</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/setup/wording.py" />
      <source>older than 3.11</source>
      <translation>älter als 3.11</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/setup/wording.py" />
      <source>too new for the packages</source>
      <translation>zu neu für die Pakete</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/setup/wording.py" />
      <source>32 bit</source>
      <translation>32 Bit</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/setup/wording.py" />
      <source>without its module {name}</source>
      <translation>ohne sein Modul {name}</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/setup/wording.py" />
      <source>{python} does not do: {reason}.</source>
      <translation>{python} kommt nicht in Frage: {reason}.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/setup/wording.py" />
      <source>It works: ready in {seconds} s on {device} with {model}; a test picture was looked at.</source>
      <translation>Es geht: bereit in {seconds} s auf {device} mit {model}; ein Testbild wurde angesehen.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/setup/wording.py" />
      <source>{number} GB</source>
      <translation>{number} GB</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/widgets/match_words.py" />
      <source>strong match</source>
      <translation>passt sehr gut</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/widgets/match_words.py" />
      <source>likely match</source>
      <translation>passt wahrscheinlich</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/widgets/match_words.py" />
      <source>weak match</source>
      <translation>passt kaum</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/widgets/match_words.py" />
      <source>no match</source>
      <translation>passt nicht</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/widgets/match_words.py" />
      <source>Strong match here.</source>
      <translation>Passt hier sehr gut.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/widgets/match_words.py" />
      <source>Likely match here.</source>
      <translation>Passt hier wahrscheinlich.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/widgets/match_words.py" />
      <source>Weak match at best: look at the places, they hardly stand out here.</source>
      <translation>Passt bestenfalls kaum: Sehen Sie sich die Orte an, sie heben sich hier kaum ab.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/widgets/match_words.py" />
      <source>Nothing here matches well, as far as the scores tell.</source>
      <translation>Hier passt nichts gut, soweit die Bewertungen es sagen.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/widgets/match_words.py" />
      <source>Besides the examples: strong match here.</source>
      <translation>Außer den Beispielen: passt hier sehr gut.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/widgets/match_words.py" />
      <source>Besides the examples: likely match here.</source>
      <translation>Außer den Beispielen: passt hier wahrscheinlich.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/widgets/match_words.py" />
      <source>Besides the examples: weak match at best, they hardly stand out here.</source>
      <translation>Außer den Beispielen: passt bestenfalls kaum, sie heben sich hier kaum ab.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/widgets/match_words.py" />
      <source>Nothing else here is like the examples.</source>
      <translation>Hier ist sonst nichts wie die Beispiele.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/widgets/match_words.py" />
      <source>Strong from {strong} on, likely from {likely}, weak from {weak}.</source>
      <translation>Sehr gut ab {strong}, wahrscheinlich ab {likely}, kaum ab {weak}.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/widgets/wording.py" />
      <source>a few seconds</source>
      <translation>einige Sekunden</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/widgets/wording.py" />
      <source>{n} s</source>
      <translation>{n} s</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/widgets/wording.py" />
      <source>{n} min</source>
      <translation>{n} min</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/widgets/wording.py" />
      <source>{n} h</source>
      <translation>{n} h</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/widgets/wording.py" />
      <source>{n} days</source>
      <translation>{n} Tage</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/widgets/wording.py" />
      <source>about {time}</source>
      <translation>etwa {time}</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/widgets/wording.py" />
      <source>{n} km</source>
      <translation>{n} km</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/widgets/wording.py" />
      <source>{n} m</source>
      <translation>{n} m</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/widgets/wording.py" />
      <source>All {tiles} tiles are indexed: searches answer at once.</source>
      <translation>Alle {tiles} Kacheln sind erfasst: Suchen antworten sofort.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/widgets/wording.py" />
      <source>{time}, {disk} on disk</source>
      <translation>{time}, {disk} auf der Platte</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/widgets/wording.py" />
      <source>{done} of {tiles} tiles are indexed; the rest takes {price}.</source>
      <translation>{done} von {tiles} Kacheln sind erfasst; der Rest braucht {price}.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/widgets/wording.py" />
      <source>First search: {tiles} tiles to scan, {price}.</source>
      <translation>Erste Suche: {tiles} Kacheln zu erfassen, {price}.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/widgets/wording.py" />
      <source>{done} of {tiles} tiles indexed</source>
      <translation>{done} von {tiles} Kacheln im Index</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/widgets/wording.py" />
      <source>The raster has no overviews: with them a scan reads {share} % fewer pixels ({time}).</source>
      <translation>Das Raster hat keine Pyramiden: Mit ihnen liest ein Scan {share} % weniger Pixel ({time}).</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/widgets/wording.py" />
      <source>{time} less</source>
      <translation>{time} weniger</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/widgets/wording.py" />
      <source>it would hardly be faster, though</source>
      <translation>schneller wäre er dadurch allerdings kaum</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/widgets/wording.py" />
      <source>The scan was stopped before its first tiles; the next search starts it again.</source>
      <translation>Der Scan wurde vor seinen ersten Kacheln angehalten; die nächste Suche beginnt ihn von neuem.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/widgets/wording.py" />
      <source>What is indexed stays; the next search goes on from there.</source>
      <translation>Was erfasst ist, bleibt; die nächste Suche macht dort weiter.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/widgets/wording.py" />
      <source>Starting the scan…</source>
      <translation>Der Scan beginnt…</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/widgets/wording.py" />
      <source>{rate} tiles/s</source>
      <translation>{rate} Kacheln/s</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/widgets/wording.py" />
      <source>{time} left</source>
      <translation>noch {time}</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/widgets/wording.py" />
      <source>Opening the index for the first time: {advance}</source>
      <translation>Index wird zum ersten Mal geöffnet: {advance}</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/widgets/wording.py" />
      <source>PyTorch, exact</source>
      <translation>PyTorch, genau</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/widgets/wording.py" />
      <source>PyTorch, fast</source>
      <translation>PyTorch, schnell</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/widgets/wording.py" />
      <source>OpenVINO, exact</source>
      <translation>OpenVINO, genau</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/widgets/wording.py" />
      <source>OpenVINO, fast</source>
      <translation>OpenVINO, schnell</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/widgets/wording.py" />
      <source>{share} %</source>
      <translation>{share} %</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/worker/blocking.py" />
      <source>Starting the worker…</source>
      <translation>Der Arbeitsprozess startet…</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/worker/blocking.py" />
      <source>The job was cancelled.</source>
      <translation>Der Auftrag wurde abgebrochen.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/worker/blocking.py" />
      <source>Cancelling…</source>
      <translation>Bricht ab…</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/worker/blocking.py" />
      <source>The worker does not answer '{asked}' and was ended.</source>
      <translation>Der Arbeitsprozess antwortet nicht auf „{asked}“ und wurde beendet.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/worker/blocking.py" />
      <source>Worker ready on {device} ({name}), model {model}.</source>
      <translation>Arbeitsprozess bereit auf {device} ({name}), Modell {model}.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/worker/blocking.py" />
      <source>This machine has a graphics card that is not used.</source>
      <translation>Dieser Rechner hat eine Grafikkarte, die nicht genutzt wird.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/worker/client.py" />
      <source>The worker was stopped.</source>
      <translation>Der Arbeitsprozess wurde beendet.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/worker/client.py" />
      <source>The worker does not run.</source>
      <translation>Der Arbeitsprozess läuft nicht.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/worker/client.py" />
      <source>{sentence} It was started again.</source>
      <translation>{sentence} Er wurde neu gestartet.</translation>
    </message>
    <message>
      <location filename="qgis_msa_plugin/worker/desktop_worker.py" />
      <source>The worker of this QGIS is asked.</source>
      <translation>Der Worker dieses QGIS wird gefragt.</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/error_table.py" />
      <source>Raster not found</source>
      <translation>Raster nicht gefunden</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/error_table.py" />
      <source>Check the path, and that the drive or share is connected.</source>
      <translation>Prüfen Sie den Pfad, und ob Laufwerk oder Freigabe verbunden ist.</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/error_table.py" />
      <source>Raster not readable</source>
      <translation>Raster nicht lesbar</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/error_table.py" />
      <source>Open it in QGIS to check it; if it is truncated, copy or export it again.</source>
      <translation>Öffnen Sie es in QGIS, um es zu prüfen; ist es abgeschnitten, kopieren oder exportieren Sie es neu.</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/error_table.py" />
      <source>Address not reachable</source>
      <translation>Adresse nicht erreichbar</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/error_table.py" />
      <source>Check the address, the connection and the credentials.</source>
      <translation>Prüfen Sie die Adresse, die Verbindung und die Zugangsdaten.</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/error_table.py" />
      <source>Raster without CRS</source>
      <translation>Raster ohne KBS</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/error_table.py" />
      <source>Assign a CRS to the file first (Raster &gt; Projections &gt; Assign Projection).</source>
      <translation>Weisen Sie der Datei zuerst ein KBS zu (Raster &gt; Projektionen &gt; Projektion zuweisen).</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/error_table.py" />
      <source>Raster without georeferencing</source>
      <translation>Raster ohne Georeferenzierung</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/error_table.py" />
      <source>Georeference it first (Layer &gt; Georeferencer).</source>
      <translation>Georeferenzieren Sie es zuerst (Layer &gt; Georeferenzierung).</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/error_table.py" />
      <source>Layer is no raster file</source>
      <translation>Layer ist keine Rasterdatei</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/error_table.py" />
      <source>Save the layer as a GeoTIFF first (Export &gt; Save As…), and use that.</source>
      <translation>Speichern Sie den Layer zuerst als GeoTIFF (Exportieren &gt; Speichern als…), und nehmen Sie dieses.</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/error_table.py" />
      <source>Layer not drawn</source>
      <translation>Layer nicht gezeichnet</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/error_table.py" />
      <source>Check the layer and the connection in QGIS, then try again: a scan goes on where it stopped.</source>
      <translation>Prüfen Sie Layer und Verbindung in QGIS, und versuchen Sie es noch einmal: Ein Scan geht dort weiter, wo er aufgehört hat.</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/error_table.py" />
      <source>Layer draws nothing</source>
      <translation>Layer zeichnet nichts</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/error_table.py" />
      <source>Check that QGIS shows the layer there, and the address in its properties; then try again.</source>
      <translation>Prüfen Sie, ob QGIS den Layer dort zeigt, und die Adresse in seinen Eigenschaften; versuchen Sie es dann erneut.</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/error_table.py" />
      <source>Layer has changed</source>
      <translation>Layer hat sich geändert</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/error_table.py" />
      <source>Try again: the layer is then read as it looks now.</source>
      <translation>Versuchen Sie es noch einmal: Der Layer wird dann gelesen, wie er jetzt aussieht.</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/error_table.py" />
      <source>Layer removed</source>
      <translation>Layer entfernt</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/error_table.py" />
      <source>Add the layer again, then try again: tiles that are indexed are kept.</source>
      <translation>Fügen Sie den Layer wieder hinzu, und versuchen Sie es noch einmal: Erfasste Kacheln sind noch da.</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/error_table.py" />
      <source>Tiles must not be fetched in bulk</source>
      <translation>Kacheln dürfen nicht in Massen geholt werden</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/error_table.py" />
      <source>Choose a layer of imagery whose provider allows it, or a file.</source>
      <translation>Wählen Sie einen Bilderlayer, dessen Anbieter es erlaubt, oder eine Datei.</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/error_table.py" />
      <source>Not of this project</source>
      <translation>Nicht aus diesem Projekt</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/error_table.py" />
      <source>Add the raster to the project and search it, or mark the example anew.</source>
      <translation>Fügen Sie das Raster dem Projekt hinzu und durchsuchen Sie es, oder markieren Sie das Beispiel neu.</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/error_table.py" />
      <source>Area outside the raster</source>
      <translation>Gebiet außerhalb des Rasters</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/error_table.py" />
      <source>Choose an area that overlaps the raster, and check the area's CRS.</source>
      <translation>Wählen Sie ein Gebiet, das das Raster überlappt, und prüfen Sie das KBS des Gebiets.</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/error_table.py" />
      <source>Area not usable</source>
      <translation>Gebiet nicht brauchbar</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/error_table.py" />
      <source>Choose polygons with a known CRS.</source>
      <translation>Wählen Sie Polygone mit bekanntem KBS.</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/error_table.py" />
      <source>No pixels here</source>
      <translation>Hier sind keine Pixel</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/error_table.py" />
      <source>Choose a place inside the raster that has pixels.</source>
      <translation>Wählen Sie einen Ort im Raster, der Pixel hat.</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/error_table.py" />
      <source>Too many tiles</source>
      <translation>Zu viele Kacheln</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/error_table.py" />
      <source>Zoom in and search what the map shows, or a polygon, or choose larger pixels or tiles.</source>
      <translation>Zoomen Sie hinein und suchen Sie in der Kartenansicht, oder suchen Sie in einem Polygon, oder wählen Sie größere Pixel oder Kacheln.</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/error_table.py" />
      <source>Nothing to search for</source>
      <translation>Nichts zu suchen</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/error_table.py" />
      <source>Type what you want to see, for example: a bridge over a wide river.</source>
      <translation>Schreiben Sie, was Sie sehen möchten, zum Beispiel: a bridge over a wide river.</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/error_table.py" />
      <source>Query not understood</source>
      <translation>Anfrage nicht verstanden</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/error_table.py" />
      <source>Type English words, or another language that is read; put + or - between terms, as in: "car park" + trees - water. Of two dates ask: appeared: houses.</source>
      <translation>Schreiben Sie englische Wörter oder eine andere Sprache, die gelesen wird, + oder - zwischen Begriffen, etwa: Parkplatz + Bäume - Wasser. Nach zwei Zeitpunkten fragt: erschienen: Häuser.</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/error_table.py" />
      <source>Other languages not installed</source>
      <translation>Andere Sprachen nicht installiert</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/error_table.py" />
      <source>Repair the worker environment, or type English words.</source>
      <translation>Reparieren Sie die Worker-Umgebung, oder geben Sie englische Wörter ein.</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/error_table.py" />
      <source>Setting out of range</source>
      <translation>Einstellung außerhalb der Grenzen</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/error_table.py" />
      <source>Correct the value and try again.</source>
      <translation>Berichtigen Sie den Wert, und versuchen Sie es noch einmal.</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/error_table.py" />
      <source>Not possible yet</source>
      <translation>Noch nicht möglich</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/error_table.py" />
      <source>Then try again.</source>
      <translation>Versuchen Sie es danach noch einmal.</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/error_table.py" />
      <source>Dates not comparable</source>
      <translation>Zeitpunkte nicht vergleichbar</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/error_table.py" />
      <source>Choose rasters of one place and of different dates, indexed at the same scales.</source>
      <translation>Wählen Sie Raster desselben Orts von verschiedenen Zeitpunkten, mit gleichen Maßstäben indiziert.</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/error_table.py" />
      <source>Date not clear</source>
      <translation>Datum unklar</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/error_table.py" />
      <source>Give each raster its own date, as 2020, 2020-08 or 2020-08-31.</source>
      <translation>Geben Sie jedem Raster ein eigenes Datum an, etwa 2020, 2020-08 oder 2020-08-31.</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/error_table.py" />
      <source>Part not installed</source>
      <translation>Teil nicht installiert</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/error_table.py" />
      <source>Run the command that the message gives, then try again.</source>
      <translation>Führen Sie den Befehl aus, den die Meldung nennt, und versuchen Sie es noch einmal.</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/error_table.py" />
      <source>Cluster not reachable</source>
      <translation>Cluster nicht erreichbar</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/error_table.py" />
      <source>Check the scheduler's address, and start the job again: what is done is kept.</source>
      <translation>Prüfen Sie die Adresse des Schedulers und starten Sie den Auftrag noch einmal: Was fertig ist, bleibt.</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/error_table.py" />
      <source>Machines differ</source>
      <translation>Rechner sind verschieden</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/error_table.py" />
      <source>Install the same version and model on every machine of the cluster.</source>
      <translation>Installieren Sie auf jedem Rechner des Clusters dieselbe Version und dasselbe Modell.</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/error_table.py" />
      <source>File not shared</source>
      <translation>Datei nicht freigegeben</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/error_table.py" />
      <source>Let every machine of the cluster reach the file under the same path.</source>
      <translation>Machen Sie die Datei für jeden Rechner des Clusters unter demselben Pfad erreichbar.</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/error_table.py" />
      <source>Machines lost</source>
      <translation>Rechner verloren</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/error_table.py" />
      <source>Look at the logs of the cluster's workers and start them again.</source>
      <translation>Sehen Sie in die Protokolle der Worker des Clusters und starten Sie diese neu.</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/error_table.py" />
      <source>File of another program</source>
      <translation>Datei eines anderen Programms</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/error_table.py" />
      <source>Choose another name, or move the file away first.</source>
      <translation>Wählen Sie einen anderen Namen, oder verschieben Sie die Datei vorher.</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/error_table.py" />
      <source>Phrase bank not readable</source>
      <translation>Phrasensammlung nicht lesbar</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/error_table.py" />
      <source>Choose a CSV file that is there and has a 'phrase' column in the options.</source>
      <translation>Wählen Sie in den Optionen eine vorhandene CSV-Datei mit einer Spalte „phrase“.</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/error_table.py" />
      <source>Watch-list not readable</source>
      <translation>Suchliste nicht lesbar</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/error_table.py" />
      <source>Check the path; choose a CSV file with a 'query' column, or a .txt file with a query a line.</source>
      <translation>Prüfen Sie den Pfad; wählen Sie eine CSV-Datei mit einer Spalte „query“ oder eine .txt-Datei mit einer Anfrage je Zeile.</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/error_table.py" />
      <source>No index yet</source>
      <translation>Noch kein Index</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/error_table.py" />
      <source>Index the raster first.</source>
      <translation>Erfassen Sie das Raster zuerst.</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/error_table.py" />
      <source>Nothing there</source>
      <translation>Dort ist nichts</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/error_table.py" />
      <source>Check that the drive or share is connected; if the index is gone, search the layer again.</source>
      <translation>Prüfen Sie, ob das Laufwerk oder die Freigabe verbunden ist; fehlt der Index, durchsuchen Sie den Layer noch einmal.</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/error_table.py" />
      <source>File removed</source>
      <translation>Datei entfernt</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/error_table.py" />
      <source>Start again, and let the file lie until it is finished.</source>
      <translation>Starten Sie erneut, und lassen Sie die Datei liegen, bis alles fertig ist.</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/error_table.py" />
      <source>Index damaged</source>
      <translation>Index beschädigt</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/error_table.py" />
      <source>An index: delete it and index the raster again. Something else: choose another file.</source>
      <translation>Ein Index: löschen Sie ihn, und erfassen Sie das Raster noch einmal. Etwas anderes: wählen Sie eine andere Datei.</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/error_table.py" />
      <source>Index of another model</source>
      <translation>Index eines anderen Modells</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/error_table.py" />
      <source>Search with the model that made it, or index the raster again.</source>
      <translation>Suchen Sie mit dem Modell, das ihn gemacht hat, oder erfassen Sie das Raster neu.</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/error_table.py" />
      <source>Raster has changed</source>
      <translation>Raster hat sich geändert</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/error_table.py" />
      <source>Index the raster again; the old index is replaced.</source>
      <translation>Erfassen Sie das Raster neu; der alte Index wird ersetzt.</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/error_table.py" />
      <source>Index in use</source>
      <translation>Index in Benutzung</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/error_table.py" />
      <source>Wait until the other scan has ended, or cancel it.</source>
      <translation>Warten Sie, bis der andere Scan zu Ende ist, oder brechen Sie ihn ab.</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/error_table.py" />
      <source>Folder not writable</source>
      <translation>Ordner nicht beschreibbar</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/error_table.py" />
      <source>Choose another place for the file, or a cache folder in the options.</source>
      <translation>Wählen Sie einen anderen Ort für die Datei, oder in den Optionen einen Zwischenspeicher.</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/error_table.py" />
      <source>File not usable</source>
      <translation>Datei nicht verwendbar</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/error_table.py" />
      <source>Check the file's name, its place and your rights there.</source>
      <translation>Prüfen Sie Namen und Ort der Datei und Ihre Rechte dort.</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/error_table.py" />
      <source>Disk full</source>
      <translation>Platte voll</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/error_table.py" />
      <source>Free some space and start again: nothing is lost, and a scan goes on where it stopped.</source>
      <translation>Schaffen Sie Platz, und starten Sie noch einmal: Nichts geht verloren, und ein Scan geht dort weiter, wo er stand.</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/error_table.py" />
      <source>Disk failing</source>
      <translation>Datenträger gestört</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/error_table.py" />
      <source>Check the disk or share, and limits on file sizes (ulimit -f); then start again: all is kept.</source>
      <translation>Prüfen Sie Datenträger oder Freigabe und Grenzen für Dateigrößen (ulimit -f), und starten Sie dann erneut: Alles bleibt erhalten.</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/error_table.py" />
      <source>Model not found</source>
      <translation>Modell nicht gefunden</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/error_table.py" />
      <source>Choose the folder that holds config.json and the .safetensors file, or none.</source>
      <translation>Wählen Sie den Ordner mit config.json und der .safetensors-Datei, oder keinen.</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/error_table.py" />
      <source>Model damaged</source>
      <translation>Modell beschädigt</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/error_table.py" />
      <source>Copy or download the checkpoint again.</source>
      <translation>Kopieren oder laden Sie das Modell noch einmal.</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/error_table.py" />
      <source>Model does not fit</source>
      <translation>Modell passt nicht</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/error_table.py" />
      <source>Use a checkpoint made for this version of MSA Search.</source>
      <translation>Nehmen Sie ein Modell, das für diese Version von MSA Search gemacht ist.</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/error_table.py" />
      <source>Text encoder missing</source>
      <translation>Textmodell fehlt</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/error_table.py" />
      <source>Repair the worker environment.</source>
      <translation>Reparieren Sie die Umgebung des Arbeitsprozesses.</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/error_table.py" />
      <source>Device not available</source>
      <translation>Gerät nicht verfügbar</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/error_table.py" />
      <source>Choose 'auto' or 'cpu' in the options.</source>
      <translation>Wählen Sie in den Optionen „automatisch“ oder „CPU“.</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/error_table.py" />
      <source>Out of memory</source>
      <translation>Speicher reicht nicht</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/error_table.py" />
      <source>Close other programs that use the device, or choose 'cpu' in the options.</source>
      <translation>Schließen Sie andere Programme, die das Gerät nutzen, oder wählen Sie in den Optionen „CPU“.</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/error_table.py" />
      <source>More than fits into memory</source>
      <translation>Mehr, als in den Speicher passt</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/error_table.py" />
      <source>Do as the sentence says, or close other programs and try again.</source>
      <translation>Folgen Sie dem Rat im Satz, oder schließen Sie andere Programme und versuchen Sie es erneut.</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/error_table.py" />
      <source>Data set not readable</source>
      <translation>Datensatz nicht lesbar</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/error_table.py" />
      <source>Check the path, correct the data set, and try again.</source>
      <translation>Prüfen Sie den Pfad, berichtigen Sie den Datensatz, und versuchen Sie es erneut.</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/error_table.py" />
      <source>Training diverged</source>
      <translation>Training auseinandergelaufen</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/error_table.py" />
      <source>Look at the images named, or lower the learning rates; checkpoint and state before are kept.</source>
      <translation>Sehen Sie die genannten Bilder an, oder senken Sie die Lernraten; Checkpoint und Stand davor bleiben erhalten.</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/error_table.py" />
      <source>Too few captioned images</source>
      <translation>Zu wenige beschriftete Bilder</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/error_table.py" />
      <source>Add captioned images; from about a hundred on, adapting begins to help.</source>
      <translation>Fügen Sie beschriftete Bilder hinzu; ab etwa hundert beginnt das Anpassen zu helfen.</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/error_table.py" />
      <source>Layer not editable</source>
      <translation>Layer nicht bearbeitbar</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/error_table.py" />
      <source>Save the layer in a format that can be edited (Export &gt; Save Features As…), and use that.</source>
      <translation>Speichern Sie den Layer in einem Format, das bearbeitet werden kann (Exportieren &gt; Objekte speichern als…), und nehmen Sie diesen.</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/error_table.py" />
      <source>Layer not usable</source>
      <translation>Layer nicht brauchbar</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/error_table.py" />
      <source>Check the layer's text field and CRS, and that it lies over the raster.</source>
      <translation>Prüfen Sie Textfeld und KBS des Layers, und ob er über dem Raster liegt.</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/error_table.py" />
      <source>Worker not set up</source>
      <translation>Arbeitsprozess nicht eingerichtet</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/error_table.py" />
      <source>Set it up with the button in the dock, or choose the worker's program in the options.</source>
      <translation>Richten Sie ihn mit der Schaltfläche im Panel ein, oder wählen Sie das Programm in den Optionen.</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/error_table.py" />
      <source>Worker half set up</source>
      <translation>Arbeitsprozess halb eingerichtet</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/error_table.py" />
      <source>Set up the worker again: what is done is kept.</source>
      <translation>Richten Sie den Arbeitsprozess noch einmal ein: Was getan ist, bleibt.</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/error_table.py" />
      <source>No Python for the worker</source>
      <translation>Kein Python für den Arbeitsprozess</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/error_table.py" />
      <source>Install Python 3.11 or newer (on Debian and Ubuntu also python3-venv), or name one.</source>
      <translation>Installieren Sie Python 3.11 oder neuer (unter Debian und Ubuntu auch python3-venv), oder nennen Sie eines.</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/error_table.py" />
      <source>Set-up failed</source>
      <translation>Einrichten fehlgeschlagen</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/error_table.py" />
      <source>Read the details; then go on: what is done is kept.</source>
      <translation>Lesen Sie die Details; machen Sie dann weiter: Was getan ist, bleibt.</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/error_table.py" />
      <source>Packages out of reach</source>
      <translation>Pakete nicht erreichbar</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/error_table.py" />
      <source>Check the proxy in QGIS's options (Network), or give a package index or a folder of wheels.</source>
      <translation>Prüfen Sie den Proxy in den Optionen von QGIS (Netzwerk), oder geben Sie einen Paketindex oder einen Ordner mit Wheels an.</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/error_table.py" />
      <source>Package not as published</source>
      <translation>Paket nicht wie veröffentlicht</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/error_table.py" />
      <source>Use an index or wheels with the files as published; what is done is kept.</source>
      <translation>Nehmen Sie einen Index oder Wheels mit den Dateien, wie sie veröffentlicht sind; was fertig ist, bleibt.</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/error_table.py" />
      <source>Not enough room</source>
      <translation>Nicht genug Platz</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/error_table.py" />
      <source>Free some space; then go on: what is done is kept.</source>
      <translation>Schaffen Sie Platz; machen Sie dann weiter: Was getan ist, bleibt.</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/error_table.py" />
      <source>Set-up in another QGIS</source>
      <translation>Einrichtung in einem anderen QGIS</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/error_table.py" />
      <source>Wait until the other QGIS is done with it.</source>
      <translation>Warten Sie, bis das andere QGIS damit fertig ist.</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/error_table.py" />
      <source>Worker ended</source>
      <translation>Arbeitsprozess beendet</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/error_table.py" />
      <source>Start again: finished parts of a scan are kept.</source>
      <translation>Starten Sie noch einmal: Fertige Teile eines Scans sind noch da.</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/error_table.py" />
      <source>Too much asked at once</source>
      <translation>Zu viel auf einmal gefragt</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/error_table.py" />
      <source>Wait until some of it is answered, or cancel it.</source>
      <translation>Warten Sie, bis ein Teil beantwortet ist, oder brechen Sie ihn ab.</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/error_table.py" />
      <source>Answer too large</source>
      <translation>Antwort zu groß</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/error_table.py" />
      <source>Ask for less at once: fewer hits, phrases or areas.</source>
      <translation>Fragen Sie weniger auf einmal: weniger Treffer, Begriffe oder Flächen.</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/error_table.py" />
      <source>Worker not understood</source>
      <translation>Arbeitsprozess nicht verstanden</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/error_table.py" />
      <source>Use the same version of the plugin and of the worker.</source>
      <translation>Nehmen Sie dieselbe Version von Plugin und Arbeitsprozess.</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/error_table.py" />
      <source>Cancelled</source>
      <translation>Abgebrochen</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/error_table.py" />
      <source>Start again to go on where it stopped.</source>
      <translation>Starten Sie noch einmal, um dort weiterzumachen.</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/error_table.py" />
      <source>Unexpected failure</source>
      <translation>Unerwarteter Fehler</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/error_table.py" />
      <source>Copy the log and report this as a bug.</source>
      <translation>Kopieren Sie das Protokoll, und melden Sie dies als Fehler.</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/warning_table.py" />
      <source>Tiles have pixels of {size:figure} m; the model knows imagery of {finest:figure}–{coarsest:figure} m, so expect poorer results.</source>
      <translation>Kacheln haben Pixel von {size:figure} m; das Modell kennt Bilder von {finest:figure}–{coarsest:figure} m, rechnen Sie also mit schlechteren Ergebnissen.</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/warning_table.py" />
      <source>Tiles have pixels of {smallest:figure}–{largest:figure} m; the model knows imagery of {finest:figure}–{coarsest:figure} m, so expect poorer results.</source>
      <translation>Kacheln haben Pixel von {smallest:figure}–{largest:figure} m; das Modell kennt Bilder von {finest:figure}–{coarsest:figure} m, rechnen Sie also mit schlechteren Ergebnissen.</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/warning_table.py" />
      <source>The raster is shown in grey; the model was trained on colour images.</source>
      <translation>Das Raster wird in Grau gezeigt; das Modell wurde mit Farbbildern trainiert.</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/warning_table.py" />
      <source>Only one band is shown; the model was trained on colour images.</source>
      <translation>Nur ein Kanal wird gezeigt; das Modell wurde mit Farbbildern trainiert.</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/warning_table.py" />
      <source>The text is longer than the model reads: '{rest}' plays no part.</source>
      <translation>Der Text ist länger, als das Modell liest: „{rest}“ bleibt unbeachtet.</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/warning_table.py" />
      <source>The raster does not say which bands are red, green and blue; {bands} are taken for them.</source>
      <translation>Das Raster sagt nicht, welche Kanäle Rot, Grün und Blau sind; {bands} werden dafür genommen.</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/warning_table.py" />
      <source>The raster is warped to a map as QGIS shows it, by {points:count} ground control points. No hit lies better.</source>
      <translation>Das Raster wird anhand von {points:count} Passpunkten zu einer Karte entzerrt, wie QGIS es zeigt. Kein Treffer liegt genauer.</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/warning_table.py" />
      <source>The raster is warped to a map as QGIS shows it, by {points:count} ground control points; they fit to {residual:tenth} pixels. No hit lies better.</source>
      <translation>Das Raster wird anhand von {points:count} Passpunkten zu einer Karte entzerrt, wie QGIS es zeigt; sie passen auf {residual:tenth} Pixel. Kein Treffer liegt genauer.</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/warning_table.py" />
      <source>The raster is warped to a map as QGIS shows it, by RPCs without an elevation model: hills are displaced, and all of it by the error of the RPCs. No hit lies better.</source>
      <translation>Das Raster wird anhand von RPCs ohne Höhenmodell zu einer Karte entzerrt, wie QGIS es zeigt: Hügel sind verschoben, und alles um den Fehler der RPCs. Kein Treffer liegt genauer.</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/warning_table.py" />
      <source>About {share:percent} of the tiles have too few pixels with data and will be skipped.</source>
      <translation>Etwa {share:percent} der Kacheln haben zu wenige Pixel mit Daten und werden übersprungen.</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/warning_table.py" />
      <source>{share:percent} of the raster count as without data and are skipped: there, the value {value} reaches in from the edge. If that is picture (snow, say), give the file a mask or an alpha band.</source>
      <translation>{share:percent} des Rasters gelten als ohne Daten und werden übersprungen: Dort reicht der Wert {value} vom Rand herein. Ist das Bild (Schnee etwa), geben Sie der Datei eine Maske oder einen Alphakanal.</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/warning_table.py" />
      <source>{share:percent} of the raster count as without data and are skipped: they hold {value}, far from all else, as software fills gaps. If that is so, set it as nodata; if not, set another number.</source>
      <translation>{share:percent} des Rasters gelten als ohne Daten und werden übersprungen: Sie enthalten {value}, weitab von allem anderen, wie Software Lücken füllt. Trifft das zu, setzen Sie es als Nodata; wenn nicht, setzen Sie eine andere Zahl.</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/warning_table.py" />
      <source>No tile has enough pixels with data, so nothing can be found there.</source>
      <translation>Keine Kachel hat genug Pixel mit Daten, dort ist also nichts zu finden.</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/warning_table.py" />
      <source>About {share:percent} of the tiles have gaps without data, which may count as ground.</source>
      <translation>Etwa {share:percent} der Kacheln haben Lücken ohne Daten, die als Boden zählen können.</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/warning_table.py" />
      <source>The raster's file has changed since it was indexed: the tiles that the index holds are compared with it first, and only those that look otherwise are encoded anew.</source>
      <translation>Die Datei des Rasters hat sich geändert, seit es indiziert wurde: Die Kacheln des Index werden erst mit ihr verglichen, und nur was anders aussieht, wird neu kodiert.</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/warning_table.py" />
      <source>The raster has changed since it was indexed: its old index will be replaced.</source>
      <translation>Das Raster hat sich geändert, seit es indiziert wurde: Sein alter Index wird ersetzt.</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/warning_table.py" />
      <source>The layer looks otherwise than when it was indexed: its old index will be replaced.</source>
      <translation>Der Layer sieht anders aus als bei der Indizierung: Sein alter Index wird ersetzt.</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/warning_table.py" />
      <source>About {pictures:count} pictures will be fetched from the layer's server; check that its terms of use allow that.</source>
      <translation>Etwa {pictures:count} Bilder werden vom Server des Layers geholt; prüfen Sie, ob seine Nutzungsbedingungen das erlauben.</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/warning_table.py" />
      <source>Tiles are named by the shipped phrases: {why}</source>
      <translation>Kacheln werden mit den mitgelieferten Phrasen benannt: {why}</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/warning_table.py" />
      <source>The engine '{engine}' cannot be used: OpenVINO is not installed.</source>
      <translation>Das Rechenwerk „{engine}“ ist nicht nutzbar: OpenVINO ist nicht installiert.</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/warning_table.py" />
      <source>The engine '{engine}' cannot be used: it crashed while it was in use ({how}).</source>
      <translation>Das Rechenwerk „{engine}“ ist nicht nutzbar: Es ist bei der Arbeit abgestürzt ({how}).</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/warning_table.py" />
      <source>The engine '{engine}' cannot be used: it ended the process that tried it ({how}).</source>
      <translation>Das Rechenwerk „{engine}“ ist nicht nutzbar: Es hat den Prozess beendet, der es erprobte ({how}).</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/warning_table.py" />
      <source>The engine '{engine}' cannot be used: it did not answer within {seconds:count} seconds.</source>
      <translation>Das Rechenwerk „{engine}“ ist nicht nutzbar: Es hat binnen {seconds:count} Sekunden nicht geantwortet.</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/warning_table.py" />
      <source>The engine '{engine}' cannot be used: its vectors are not torch's here (cosine {cosine:figure}).</source>
      <translation>Das Rechenwerk „{engine}“ ist nicht nutzbar: Seine Vektoren weichen hier von denen von torch ab (Kosinus {cosine:figure}).</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/warning_table.py" />
      <source>The engine '{engine}' cannot be used: {why}</source>
      <translation>Das Rechenwerk „{engine}“ ist nicht nutzbar: {why}</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/warning_table.py" />
      <source>The engine '{engine}' does not run on {device}.</source>
      <translation>Das Rechenwerk „{engine}“ läuft nicht auf {device}.</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/warning_table.py" />
      <source>The engine '{engine}' does not run models of other authors.</source>
      <translation>Das Rechenwerk „{engine}“ kann keine Modelle anderer Urheber ausführen.</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/warning_table.py" />
      <source>The model runs on torch instead.</source>
      <translation>Das Modell läuft stattdessen auf torch.</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/warning_table.py" />
      <source>The model runs on {engine}.</source>
      <translation>Das Modell läuft auf {engine}.</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/warning_table.py" />
      <source>Nothing tells the date before; it can be given.</source>
      <translation>Das Datum davor ist nirgends angegeben; Sie können es eintragen.</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/warning_table.py" />
      <source>Nothing tells the date after; it can be given.</source>
      <translation>Das Datum danach ist nirgends angegeben; Sie können es eintragen.</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/warning_table.py" />
      <source>Nothing tells the date before and after; it can be given.</source>
      <translation>Das Datum davor und das danach sind nirgends angegeben; Sie können sie eintragen.</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/warning_table.py" />
      <source>Both dates read {date}; give them where that is wrong.</source>
      <translation>Beide Daten lauten {date}; tragen Sie sie ein, wenn das nicht stimmt.</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/warning_table.py" />
      <source>'Before' ({before}) is later than 'after' ({after}); what appeared may have vanished.</source>
      <translation>„Davor“ ({before}) ist später als „danach“ ({after}); was neu erscheint, kann verschwunden sein.</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/warning_table.py" />
      <source>The dates are of different seasons ({before}, {after}): plants and shadows may differ.</source>
      <translation>Die Daten liegen in verschiedenen Jahreszeiten ({before}, {after}): Pflanzen und Schatten können sich unterscheiden.</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/warning_table.py" />
      <source>Some dates are shown in grey, others in colour: expect changes that are none.</source>
      <translation>Manche Daten werden in Grau gezeigt, andere in Farbe: Rechnen Sie mit Änderungen, die keine sind.</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/warning_table.py" />
      <source>The pixels of one date are {ratio:tenth} times as large: details may seem to come or go.</source>
      <translation>Die Pixel des einen Datums sind {ratio:tenth}-mal so groß: Einzelheiten können scheinbar kommen oder gehen.</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/warning_table.py" />
      <source>Pixels of {size:figure} m: little of so large a tile changes, so that the best places may be right where the verdict finds nothing.</source>
      <translation>Pixel von {size:figure} m: In so großen Kacheln ändert sich nur wenig, die besten Orte können also richtig sein, wo das Urteil nichts findet.</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/warning_table.py" />
      <source>{tiles:count} tiles lie where only one of the dates has data; they are not compared.</source>
      <translation>{tiles:count} Kacheln liegen, wo nur eines der Daten etwas zeigt; sie werden nicht verglichen.</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/warning_table.py" />
      <source>Histories are compared over {dates:count} dates at least: none is like another.</source>
      <translation>Verläufe werden über mindestens {dates:count} Daten verglichen: Keiner gleicht einem anderen.</translation>
    </message>
    <message>
      <location filename="msa_model/protocol/warning_table.py" />
      <source>{tiles:count} tiles lack one date or more; their history has gaps.</source>
      <translation>{tiles:count} Kacheln fehlt mindestens ein Datum; ihr Verlauf hat Lücken.</translation>
    </message>
  </context>
</TS>
