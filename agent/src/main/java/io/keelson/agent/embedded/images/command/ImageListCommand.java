package io.keelson.agent.embedded.images.command;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.agent.embedded.images.Json;
import io.keelson.agent.embedded.images.store.StoredImage;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code image list}: the columns of {@code crictl images}. */
@Command(
        name = "list",
        aliases = {"ls"},
        mixinStandardHelpOptions = true,
        description = "Lists images.")
final class ImageListCommand implements Callable<Integer> {
    private static final int SHORT_ID = 13;
    private static final String NONE = "<none>";

    @ParentCommand
    private ImageCommand parent;

    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "IMAGE", arity = "0..1", description = "Only this.")
    private @Nullable String image;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORMAT",
            defaultValue = "table",
            description = "table or json.")
    private String output;

    @Option(
            names = {"-q", "--quiet"},
            description = "Only ids.")
    private boolean quiet;

    @Option(names = "--digests", description = "Digests, too.")
    private boolean digests;

    @Option(names = "--no-trunc", description = "Ids in full.")
    private boolean whole;

    @Override
    public Integer call() {
        if (!output.equals("table") && !output.equals("json")) {
            throw new ParameterException(spec.commandLine(), "unknown output \"" + output + "\": table or json");
        }
        return parent.with(spec, store -> {
            List<StoredImage> images =
                    image == null ? store.list() : store.find(image).stream().toList();
            PrintWriter out = spec.commandLine().getOut();
            if (quiet) {
                images.forEach(each -> out.println(each.id()));
            } else if (output.equals("json")) {
                out.println(json(images));
            } else {
                table(images).forEach(out::println);
            }
        });
    }

    /** As {@code crictl images -o json} writes it. */
    private static String json(List<StoredImage> images) {
        ObjectNode root = Json.object();
        ArrayNode list = root.putArray("images");
        for (StoredImage each : images) {
            ObjectNode node = list.addObject();
            node.put("id", each.id().toString());
            ArrayNode tags = node.putArray("repoTags");
            each.tags().forEach(tags::add);
            ArrayNode names = node.putArray("repoDigests");
            each.digests().forEach(names::add);
            node.put("size", Long.toString(each.size()));
            node.put("username", each.description().run().user());
            node.put("pinned", false);
        }
        return Json.pretty(root);
    }

    private List<String> table(List<StoredImage> images) {
        List<List<String>> rows = new ArrayList<>();
        rows.add(
                digests
                        ? List.of("IMAGE", "TAG", "DIGEST", "IMAGE ID", "SIZE")
                        : List.of("IMAGE", "TAG", "IMAGE ID", "SIZE"));
        for (StoredImage each : images) {
            for (String tag : each.tags().isEmpty() ? List.of("") : each.tags()) {
                rows.add(row(each, tag));
            }
        }
        int columns = rows.getFirst().size();
        int[] widths = new int[columns];
        for (List<String> row : rows) {
            for (int i = 0; i < columns; i++) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        }
        return rows.stream().map(row -> line(row, widths)).toList();
    }

    private List<String> row(StoredImage each, String tag) {
        int colon = tag.lastIndexOf(':');
        String named = each.digests().isEmpty() ? "" : each.digests().getFirst();
        int at = named.indexOf('@');
        String repository = !tag.isEmpty() ? tag.substring(0, colon) : at < 0 ? NONE : named.substring(0, at);
        List<String> row = new ArrayList<>(List.of(repository, tag.isEmpty() ? NONE : tag.substring(colon + 1)));
        if (digests) {
            row.add(at < 0 ? NONE : shortened(named.substring(at + 1)));
        }
        row.add(shortened(each.id().toString()));
        row.add(Sizes.shown(each.size()));
        return row;
    }

    private String shortened(String digest) {
        return whole ? digest : digest.substring(digest.indexOf(':') + 1).substring(0, SHORT_ID);
    }

    private static String line(List<String> row, int[] widths) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < row.size(); i++) {
            line.append(row.get(i));
            if (i < row.size() - 1) {
                line.append(" ".repeat(widths[i] - row.get(i).length() + 3));
            }
        }
        return line.toString();
    }
}
