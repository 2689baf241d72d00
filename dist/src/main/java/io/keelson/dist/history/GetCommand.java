package io.keelson.dist.history;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code keelson get pods --at -10m}: objects as they were. */
@Command(
        name = "get",
        mixinStandardHelpOptions = true,
        description = "Shows objects as they were at a moment; the columns are those of kubectl get.")
public final class GetCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private Asked asked;

    @Option(
            names = "--at",
            required = true,
            paramLabel = "REVISION|TIME|-SPAN",
            description = "A resource version, a time as 2026-11-30T10:00:00Z, or how long ago, as -10m")
    private String at;

    @Option(
            names = {"-A", "--all-namespaces"},
            description = "In all namespaces.")
    private boolean everywhere;

    @Option(
            names = {"-o", "--output"},
            defaultValue = "",
            paramLabel = "FORM",
            description = "json or yaml in the place of a table")
    private String form;

    @Override
    public Integer call() throws InterruptedException {
        return asked.with(false, cluster -> {
            String namespace = everywhere ? "" : cluster.namespace();
            long revision = cluster.moments().revision(at);
            switch (form) {
                case "" -> {
                    JsonNode table = cluster.past().table(cluster.kind(), namespace, cluster.name(), revision);
                    if (table.path("rows").isEmpty()) {
                        spec.commandLine().getErr().println("No resources found at resource version " + revision + ".");
                        return cluster.name().isEmpty() ? 0 : 1;
                    }
                    print(table, everywhere && cluster.kind().namespaced());
                }
                case "json", "yaml" -> {
                    JsonNode shown = cluster.name().isEmpty()
                            ? cluster.past().list(cluster.kind(), namespace, revision)
                            : cluster.past()
                                    .at(cluster.kind(), namespace, cluster.name(), revision)
                                    .orElseThrow(() -> new ApiRefusal(
                                            404, cluster.title() + " not found at resource version " + revision));
                    spec.commandLine().getOut().print(form.equals("json") ? Texts.json(shown) : Texts.yaml(shown));
                }
                default -> throw new IllegalArgumentException("-o is json or yaml, not " + form);
            }
            spec.commandLine().getOut().flush();
            return 0;
        });
    }

    /** As kubectl prints tables: the columns of most interest, three spaces between. */
    private void print(JsonNode table, boolean withNamespace) {
        List<Integer> shown = new ArrayList<>();
        List<List<String>> lines = new ArrayList<>();
        List<String> head = new ArrayList<>();
        if (withNamespace) {
            head.add("NAMESPACE");
        }
        JsonNode columns = table.path("columnDefinitions");
        for (int i = 0; i < columns.size(); i++) {
            if (columns.get(i).path("priority").asInt() == 0) {
                shown.add(i);
                head.add(columns.get(i).path("name").asText().toUpperCase(Locale.ROOT));
            }
        }
        lines.add(head);
        for (JsonNode row : table.path("rows")) {
            List<String> line = new ArrayList<>();
            if (withNamespace) {
                line.add(row.path("object").path("metadata").path("namespace").asText(""));
            }
            JsonNode cells = row.path("cells") instanceof ArrayNode all ? all : columns;
            shown.forEach(i -> line.add(cells.path(i).asText("")));
            lines.add(line);
        }
        int[] widths = new int[head.size()];
        lines.forEach(line -> {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], line.get(i).length());
            }
        });
        PrintWriter out = spec.commandLine().getOut();
        for (List<String> line : lines) {
            StringBuilder text = new StringBuilder();
            for (int i = 0; i < widths.length; i++) {
                text.append(line.get(i)).repeat(' ', widths[i] - line.get(i).length() + 3);
            }
            out.println(text.toString().stripTrailing());
        }
    }
}
