<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de" sourcelanguage="en">
  <context>
    <name>MSA Search</name>
    <message>
      <location filename="qgis_msa_plugin/batch/queue.py" />
      <source>'{name}' writes its results to {out}: resume or remove it, or choose another file.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/describe/describer.py" />
      <source>This place has no geographic coordinates.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/describe/describer.py" />
      <source>There is no raster layer to describe: choose one in the dock first.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/describe/map_render.py" />
      <source>The layer shows nothing at this place.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/describe/panel.py" />
      <source>Side of the square around the click, on the ground</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/describe/panel.py" />
      <source>Size of the described square</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/describe/panel.py" />
      <source>Descri&amp;be a place</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/describe/panel.py" />
      <source>Click on the map, and read which phrases fit what is there best</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/describe/panel.py" />
      <source>Looking…</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/describe/panel.py" />
      <source>Click on the map.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/describe/panel.py" />
      <source>{side} of '{layer}' around the click:</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/describe/panel.py" />
      <source>(only {share} % has pixels)</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/describe/panel.py" />
      <source>Auto</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/describe/phrase_list.py" />
      <source>Phrases</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/describe/phrase_list.py" />
      <source>{phrase}
Score {score}: the cosine between phrase and picture ({cosine}), less the mean that this
phrase has over background pictures. At 0 the phrase fits here no better than anywhere.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/cost_strip.py" />
      <source>Sca&amp;n now</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/cost_strip.py" />
      <source>No&amp;t now</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/cost_strip.py" />
      <source>Add a raster layer to the map to begin.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/cost_strip.py" />
      <source>Hits appear while it runs, and it can be cancelled without loss. Scan?</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/cost_strip.py" />
      <source>The worker is starting; then the cost of the first search is told here.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/cost_strip.py" />
      <source>Working out what a search costs…</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/cost_strip.py" />
      <source>Tiles of {scales} on the ground; a pixel is {pixel}.
Index: {index}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/layer_choice.py" />
      <source>{n} layers</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/notice_strip.py" />
      <source>Dismiss</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/progress_strip.py" />
      <source>Ca&amp;ncel</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/progress_strip.py" />
      <source>Stop the scan; what is indexed is kept</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/progress_strip.py" />
      <source>Stopping after this batch…</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/query_bar.py" />
      <source>Describe what to find</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/query_bar.py" />
      <source>In English words, for example: a bridge over a wide river</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/query_bar.py" />
      <source>Query</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/query_bar.py" />
      <source>Search</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/query_bar.py" />
      <source>Find the tiles that match the query (Enter)</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/results_delegate.py" />
      <source>{scale} wide</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/results_model.py" />
      <source>Rank {rank}: similarity {score} (cosine between query and tile).
Compare scores within one query only; they are no probabilities.
The tile is {scale} wide on the ground. Click to go there.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/search_dock.py" />
      <source>MSA Search</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/search_dock.py" />
      <source>The worker is starting…</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/search_dock.py" />
      <source>Searching…</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/search_dock.py" />
      <source>Best {n} of {tiles} tiles so far: {query}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/search_dock.py" />
      <source>Best {n} of {tiles} tiles: {query}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/search_dock.py" />
      <source>The first hits appear here in a moment.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/search_dock.py" />
      <source>Searching needs the worker: the button below sets it up or starts it again.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/search_dock.py" />
      <source>Add a raster layer, then describe what you want to find in it.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/search_dock.py" />
      <source>No tile was found in this area.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/search_dock.py" />
      <source>Type what you want to see, for example “a bridge over a wide river”, and press Enter.

The first search scans the layer; later ones answer at once.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/search_dock.py" />
      <source>The worker's program (msa)</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/target_bar.py" />
      <source>La&amp;yer</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/target_bar.py" />
      <source>&amp;Area</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/target_bar.py" />
      <source>The raster layer to search</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/target_bar.py" />
      <source>Whole layer</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/target_bar.py" />
      <source>Map view</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/target_bar.py" />
      <source>Selected polygons</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/target_bar.py" />
      <source>Where to search: tiles that touch this area are scanned and ranked</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/worker_strip.py" />
      <source>Set up…</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/worker_strip.py" />
      <source>Retry</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/worker_strip.py" />
      <source>Choose worker…</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/worker_strip.py" />
      <source>Options…</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/worker_strip.py" />
      <source>Ready · {device}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/worker_strip.py" />
      <source>GPU not used</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/worker_strip.py" />
      <source>The worker starts with the first search</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/worker_strip.py" />
      <source>The worker is not set up yet</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/worker_strip.py" />
      <source>The worker does not run</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/worker_strip.py" />
      <source>Model {model} on {device}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/worker_strip.py" />
      <source>This machine has a GPU that the worker cannot use: its PyTorch is a CPU build.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/dock/worker_strip.py" />
      <source>CPU</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/errors.py" />
      <source>Details</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/errors.py" />
      <source>Raster not found</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/errors.py" />
      <source>Check the path, and that the drive or share is connected.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/errors.py" />
      <source>Raster not readable</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/errors.py" />
      <source>Open it in QGIS to check it; if it is truncated, copy or export it again.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/errors.py" />
      <source>Raster without CRS</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/errors.py" />
      <source>Assign a CRS to the file first (Raster &gt; Projections &gt; Assign Projection).</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/errors.py" />
      <source>Raster without georeferencing</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/errors.py" />
      <source>Georeference it first (Layer &gt; Georeferencer).</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/errors.py" />
      <source>Layer is no raster file</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/errors.py" />
      <source>Save the layer as a GeoTIFF first (Export &gt; Save As…), and use that.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/errors.py" />
      <source>Area outside the raster</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/errors.py" />
      <source>Choose an area that overlaps the raster, and check the area's CRS.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/errors.py" />
      <source>Area not usable</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/errors.py" />
      <source>Choose polygons with a known CRS.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/errors.py" />
      <source>No pixels here</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/errors.py" />
      <source>Choose a place inside the raster that has pixels.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/errors.py" />
      <source>Data set not readable</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/errors.py" />
      <source>Correct the data set and try again.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/errors.py" />
      <source>Training diverged</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/errors.py" />
      <source>Look at the images named, or lower the learning rates.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/errors.py" />
      <source>Too few captioned images</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/errors.py" />
      <source>Add captioned images and try again.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/errors.py" />
      <source>Layer not usable</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/errors.py" />
      <source>Check the layer's text field and CRS, and that it lies over the raster.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/errors.py" />
      <source>Nothing to search for</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/errors.py" />
      <source>Type what you want to see, for example: a bridge over a wide river.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/errors.py" />
      <source>Query not understood</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/errors.py" />
      <source>Type English words; put + or - between terms, as in: "car park" + trees - water.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/errors.py" />
      <source>Setting out of range</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/errors.py" />
      <source>Correct the value and try again.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/errors.py" />
      <source>Phrase bank not readable</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/errors.py" />
      <source>Choose a UTF-8 CSV file with a 'phrase' column in the options.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/errors.py" />
      <source>Cancelled</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/errors.py" />
      <source>Start again to go on where it stopped.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/errors.py" />
      <source>No index yet</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/errors.py" />
      <source>Index the raster first.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/errors.py" />
      <source>Index damaged</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/errors.py" />
      <source>Delete this index file and index the raster again.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/errors.py" />
      <source>Index of another model</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/errors.py" />
      <source>Search with the model that made it, or index the raster again.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/errors.py" />
      <source>Raster has changed</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/errors.py" />
      <source>Index the raster again; the old index is replaced.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/errors.py" />
      <source>Re-ranking not possible</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/errors.py" />
      <source>Search without it, or delete the index and make it anew with a model that can re-rank.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/errors.py" />
      <source>Index in use</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/errors.py" />
      <source>Wait until the other scan has ended, or cancel it.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/errors.py" />
      <source>Folder not writable</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/errors.py" />
      <source>Choose another place for the file, or a cache folder in the options.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/errors.py" />
      <source>Disk full</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/errors.py" />
      <source>Free some space and start again: the scan goes on where it stopped.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/errors.py" />
      <source>Model not found</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/errors.py" />
      <source>Choose the folder that holds config.json and the .safetensors file, or none.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/errors.py" />
      <source>Model damaged</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/errors.py" />
      <source>Copy or download the checkpoint again.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/errors.py" />
      <source>Model does not fit</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/errors.py" />
      <source>Use a checkpoint made for this version of MSA Search.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/errors.py" />
      <source>Text encoder missing</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/errors.py" />
      <source>Repair the worker environment.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/errors.py" />
      <source>Device not available</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/errors.py" />
      <source>Choose 'auto' or 'cpu' in the options.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/errors.py" />
      <source>Out of memory</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/errors.py" />
      <source>Close other programs that use the device, or choose 'cpu' in the options.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/errors.py" />
      <source>Worker not understood</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/errors.py" />
      <source>Use the same version of the plugin and of the worker.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/errors.py" />
      <source>Worker not set up</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/errors.py" />
      <source>Choose the worker's program in the options (Settings &gt; Options &gt; MSA Search).</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/errors.py" />
      <source>Worker ended</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/errors.py" />
      <source>Start again: finished parts of a scan are kept.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/errors.py" />
      <source>Unexpected failure</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/errors.py" />
      <source>Copy the log and report this as a bug.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/layers/raster_source.py" />
      <source>The layer '{name}' is broken; its source is {source}.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/layers/raster_source.py" />
      <source>The layer '{name}' is no local raster file ({provider}).</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/options.py" />
      <source>automatic</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/options.py" />
      <source>Worker program, or a command line such as: ssh gpu-box msa worker</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/options.py" />
      <source>shipped model</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/options.py" />
      <source>Folder of another checkpoint or of a CLIP model</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/options.py" />
      <source>Where indexes go that cannot lie beside their raster</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/options.py" />
      <source>shipped phrases</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/options.py" />
      <source>CSV file with a 'phrase' column</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/options.py" />
      <source>Tile sides in metres on the ground, for example: 40, 160</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/options.py" />
      <source>&amp;Worker</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/options.py" />
      <source>&amp;Device</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/options.py" />
      <source>&amp;Model folder</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/options.py" />
      <source>&amp;Cache folder</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/options.py" />
      <source>&amp;Phrase bank</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/options.py" />
      <source>Tile &amp;sides (m)</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/options.py" />
      <source>&amp;Overlap of tiles</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/options.py" />
      <source>&amp;Test</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/options.py" />
      <source>Start the worker and show its device and versions</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/options.py" />
      <source>Starting…</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/options.py" />
      <source>Ready in {seconds:.1f} s on {device} ({name}). Worker {version}, Python {python}, model {model}.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/options.py" />
      <source>There is a graphics card that is not used.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/plugin.py" />
      <source>Search rasters by describing what to find</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/algorithm.py" />
      <source>The algorithm was not prepared.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/algorithm.py" />
      <source>Imagery search</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/algorithm.py" />
      <source>The result cannot be written: {path}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/algorithm.py" />
      <source>There is no such raster layer: {name}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/algorithm.py" />
      <source>The area of interest holds no valid polygon.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/algorithm.py" />
      <source>The area of interest has no CRS.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/algorithm.py" />
      <source>These are no tile sides in metres: {text}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/describe_tile.py" />
      <source>Describe tile</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/describe_tile.py" />
      <source>Looks at one tile of a raster, centred on a point, and lists the phrases of a phrase bank that fit it best.

Tile side: metres on the ground; 0 lets the pixel size decide. Phrase bank: a UTF-8 CSV file with a 'phrase' column; empty means the shipped one or that of the options. From each score the phrase's mean over many images is taken off, else some phrases would fit everywhere.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/describe_tile.py" />
      <source>Raster</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/describe_tile.py" />
      <source>Point</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/describe_tile.py" />
      <source>Tile side (m)</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/describe_tile.py" />
      <source>Phrase bank</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/describe_tile.py" />
      <source>Number of phrases</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/describe_tile.py" />
      <source>Best phrase</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/describe_tile.py" />
      <source>The layer '{name}' has no CRS.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/index_raster.py" />
      <source>Index raster</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/index_raster.py" />
      <source>Cuts a raster into overlapping tiles of several ground sizes, lets the model look at each, and keeps what it saw in an index file. Any number of text searches then run on the index in a moment.

The raster must be a file that GDAL opens, with a CRS. Tiles that are known already are not computed again: a cancelled run goes on where it stopped, and an area can be added to an index.

Area of interest or extent: only tiles that meet it are indexed. Tile sides: metres on the ground, separated by commas; empty lets the pixel size decide. Index file: empty means beside the raster, or in the cache folder where that is read-only.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/index_raster.py" />
      <source>Area of interest</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/index_raster.py" />
      <source>Extent</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/index_raster.py" />
      <source>Tile sides (m)</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/index_raster.py" />
      <source>Overlap of tiles</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/index_raster.py" />
      <source>Index file</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/index_raster.py" />
      <source>Tile index (*.gpkg)</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/index_raster.py" />
      <source>Tiles of the area</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/index_raster.py" />
      <source>Tiles encoded by this run</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/index_raster.py" />
      <source>Tiles without enough pixels</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/index_raster.py" />
      <source>Give an area of interest or an extent, not both.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/scanning.py" />
      <source>{missing} of {tiles} tiles are not indexed yet: about {seconds:.0f} s and {size:.1f} MB.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/scanning.py" />
      <source>Tile sides: {sides}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/scanning.py" />
      <source>{encoded} tiles encoded, {reused} known before, {skipped} skipped in {seconds:.1f} s: {index}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/search_text.py" />
      <source>Search by text</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/search_text.py" />
      <source>Finds the tiles of a raster that fit a description best, for example: a bridge over a wide river.

Choose a raster; what its index lacks is indexed first, unless you switch that off. Or choose an index file that exists, without its raster.

The result holds one polygon per tile with its rank, score (cosine, only comparable within one query), side in metres, query and source. The model reads English.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/search_text.py" />
      <source>What to find</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/search_text.py" />
      <source>Number of results</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/search_text.py" />
      <source>Index first what is not indexed yet</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/search_text.py" />
      <source>Matching tiles</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/search_text.py" />
      <source>Choose a raster or an index file.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/search_text.py" />
      <source>{count} of {tiles} tiles, ranked in {ms:.0f} ms.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/search_text.py" />
      <source>'{path}' has no index yet.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/processing/search_text.py" />
      <source>Only the tiles that are indexed are searched.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/search/area.py" />
      <source>The map shows nothing of the layer '{name}'.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/search/area.py" />
      <source>No polygon is selected: select one or more polygons on the map first.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/search/area.py" />
      <source>The selected polygons cannot be brought into one CRS.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/search/controller.py" />
      <source>A scan is under way; the tiles that this search lacks are scanned after it.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/search/scanning.py" />
      <source>The layer '{name}' was removed, so its scan was stopped.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/search/scanning.py" />
      <source>{sentence} It was started again; the scan goes on.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/search/scanning.py" />
      <source>{skipped} of {tiles} tiles were left out: too few valid pixels.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/search/target.py" />
      <source>There is no raster layer to search: add one to the map, then choose it here.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/search/target.py" />
      <source>The query is empty.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/search/wording.py" />
      <source>a few seconds</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/search/wording.py" />
      <source>{n} s</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/search/wording.py" />
      <source>{n} min</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/search/wording.py" />
      <source>{n} h</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/search/wording.py" />
      <source>{n} days</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/search/wording.py" />
      <source>{n} km</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/search/wording.py" />
      <source>{n} m</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/search/wording.py" />
      <source>All {tiles} tiles are indexed: searches answer at once.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/search/wording.py" />
      <source>about {time}, {disk} on disk</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/search/wording.py" />
      <source>{done} of {tiles} tiles are indexed; the rest takes {price}.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/search/wording.py" />
      <source>First search: {tiles} tiles to scan, {price}.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/search/wording.py" />
      <source>{done} of {tiles} tiles are indexed; the next search goes on from there.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/search/wording.py" />
      <source>Starting the scan…</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/search/wording.py" />
      <source>{done} of {total}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/search/wording.py" />
      <source>{rate} tiles/s</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/search/wording.py" />
      <source>{time} left</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/worker/blocking.py" />
      <source>Starting the worker…</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/worker/blocking.py" />
      <source>The job was cancelled.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/worker/blocking.py" />
      <source>Cancelling…</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/worker/blocking.py" />
      <source>The worker does not answer '{asked}' and was ended.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/worker/blocking.py" />
      <source>Worker ready on {device} ({name}), model {model}.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/worker/blocking.py" />
      <source>This machine has a graphics card that is not used.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/worker/blocking.py" />
      <source>{done} of {total} tiles, {rate:.0f} tiles/s</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/worker/blocking.py" />
      <source>, {minutes}:{seconds:02d} left</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/worker/client.py" />
      <source>The worker was stopped.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/worker/client.py" />
      <source>The worker does not run.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <location filename="qgis_msa_plugin/worker/client.py" />
      <source>{sentence} It was started again.</source>
      <translation type="unfinished" />
    </message>
  </context>
</TS>
