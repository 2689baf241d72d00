package io.keelson.metrics;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeSet;

/** Metrics as {@code kubectl get} shows them: a column for each resource. */
final class MetricsTable {
    private static final JsonMapper JSON = new JsonMapper();

    private MetricsTable() {}

    /** Whether a client wants a table before it wants anything else that is served. */
    static boolean isWanted(String accept) {
        for (String each : accept.split(",", -1)) {
            String wanted = each.toLowerCase(Locale.ROOT).replace(" ", "");
            String type = wanted.split(";", 2)[0];
            if (!type.equals("application/json") && !type.equals("application/*") && !type.equals("*/*")) {
                continue;
            }
            if (!wanted.contains(";as=")) {
                return false;
            }
            if (wanted.contains(";as=table") && wanted.contains(";v=v1") && !wanted.contains(";v=v1b")) {
                return true;
            }
        }
        return false;
    }

    static ObjectNode of(List<MetricsAnswers.Row> rows) {
        TreeSet<String> resources = new TreeSet<>();
        rows.forEach(row -> resources.addAll(row.usage().keySet()));
        ObjectNode table = JSON.createObjectNode().put("kind", "Table").put("apiVersion", "meta.k8s.io/v1");
        table.putObject("metadata");
        ArrayNode columns = table.putArray("columnDefinitions");
        column(columns, "Name", "name", "Name of the resource");
        resources.forEach(resource -> column(columns, resource, "quantity", ""));
        column(columns, "Window", "duration", "");
        ArrayNode lines = table.putArray("rows");
        for (MetricsAnswers.Row row : rows) {
            ObjectNode line = lines.addObject();
            ArrayNode cells = line.putArray("cells").add(row.name());
            SortedMap<String, Amount> usage = row.usage();
            for (String resource : resources) {
                Amount amount = usage.get(resource);
                cells.add(amount == null ? "" : amount.text());
            }
            cells.add(row.window());
            ObjectNode object = line.putObject("object")
                    .put("kind", "PartialObjectMetadata")
                    .put("apiVersion", "meta.k8s.io/v1");
            object.set("metadata", row.object().get("metadata"));
        }
        return table;
    }

    private static void column(ArrayNode columns, String name, String format, String description) {
        columns.addObject()
                .put("name", name)
                .put("type", "string")
                .put("format", format)
                .put("description", description)
                .put("priority", 0);
    }
}
