import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * Run when the project is built: takes the descriptions of kinds and fields, which {@code kubectl explain} shows, out of the
 * published sources of {@code io.kubernetes:client-java-api}.
 *
 * <p>Arguments: the jar of those sources, the text of the built-in types ({@code kubernetes.types}), and where to write.
 * Written are, in the order of their names, the definitions that both know: a line with the definition's name, a tab and
 * what it is; then for each of its fields a line with a tab, the field's name, a tab and what it is. Line ends within a
 * text are written {@code \n}, backslashes {@code \\}. The same input gives the same bytes.
 */
final class Descriptions {
    private static final String MODELS = "io/kubernetes/client/openapi/models/";
    private static final String TEXT = "\"((?:[^\"\\\\]++|\\\\.)*+)\"";
    private static final Pattern MODEL = Pattern.compile("@ApiModel\\(description = " + TEXT + "\\)");
    private static final Pattern NAME = Pattern.compile("SERIALIZED_NAME_\\w+ = " + TEXT + ";");
    private static final Pattern FIELD = Pattern.compile("@return ([\\w$]+)\\s*\\*/\\s*(?:@jakarta\\.annotation\\.\\w+\\s*)*"
            + "@ApiModelProperty\\((?:required = true, )?value = " + TEXT + "\\)");

    private Descriptions() {}

    private record Model(String description, Map<String, String> fields) {}

    public static void main(String[] arguments) throws IOException {
        if (arguments.length != 3) {
            throw new IllegalArgumentException("usage: Descriptions SOURCES.jar kubernetes.types OUTPUT");
        }
        Path output = Path.of(arguments[2]);
        Files.createDirectories(output.toAbsolutePath().getParent());
        StringBuilder text = new StringBuilder();
        int found = 0;
        try (ZipFile sources = new ZipFile(arguments[0])) {
            for (Map.Entry<String, List<String>> definition : definitions(Path.of(arguments[1])).entrySet()) {
                Model model = model(sources, definition.getKey());
                if (model != null) {
                    write(text, definition.getKey(), definition.getValue(), model);
                    found++;
                }
            }
        }
        if (found < 600) {
            throw new IllegalStateException("only " + found + " kinds found: are these the sources of client-java-api?");
        }
        Files.writeString(output, text);
    }

    /** The names of definitions, with those of their fields. */
    private static Map<String, List<String>> definitions(Path types) throws IOException {
        Map<String, List<String>> definitions = new TreeMap<>();
        List<String> fields = new ArrayList<>();
        for (String line : Files.readAllLines(types, StandardCharsets.ISO_8859_1)) {
            if (line.startsWith(" ")) {
                fields.add(line.substring(2).split(" ", 2)[0]);
            } else if (!line.isEmpty() && !line.startsWith("use ")) {
                fields = new ArrayList<>();
                definitions.put(line.split(" ", 2)[0], fields);
            }
        }
        return definitions;
    }

    /**
     * The class of a definition: {@code V1Pod} for {@code io.k8s.api.core.v1.Pod}, or {@code CoreV1Event} where several
     * groups have a kind of that name. Null if there is none.
     */
    private static Model model(ZipFile sources, String definition) throws IOException {
        String[] parts = definition.split("\\.", -1);
        int last = parts.length - 1;
        if (last < 2) {
            return null;
        }
        String plain = capital(parts[last - 1]) + parts[last];
        for (String name : List.of(capital(parts[last - 2]) + plain, plain)) {
            ZipEntry entry = sources.getEntry(MODELS + name + ".java");
            if (entry != null) {
                return parse(new String(sources.getInputStream(entry).readAllBytes(), StandardCharsets.UTF_8));
            }
        }
        return null;
    }

    private static String capital(String word) {
        return word.substring(0, 1).toUpperCase(Locale.ROOT) + word.substring(1);
    }

    private static Model parse(String source) {
        Matcher model = MODEL.matcher(source);
        String description = model.find() ? model.group(1).translateEscapes() : "";
        Map<String, String> names = new LinkedHashMap<>();
        for (Matcher name = NAME.matcher(source); name.find(); ) {
            names.put(javaName(name.group(1)), name.group(1));
        }
        Map<String, String> fields = new LinkedHashMap<>();
        for (Matcher field = FIELD.matcher(source); field.find(); ) {
            String name = names.get(javaName(field.group(1)));
            if (name != null) {
                fields.put(name, field.group(2).translateEscapes());
            }
        }
        return new Model(description, fields);
    }

    /** By what a field and its JSON name are matched: letters and digits in lower case; {@code _default} is default. */
    private static String javaName(String name) {
        return name.replaceAll("[^A-Za-z0-9]", "").toLowerCase(Locale.ROOT);
    }

    private static void write(StringBuilder text, String definition, List<String> fields, Model model) {
        text.append(definition).append('\t').append(line(model.description())).append('\n');
        for (String field : fields) {
            String description = model.fields().getOrDefault(field, "");
            if (!description.isEmpty()) {
                text.append('\t').append(field).append('\t').append(line(description)).append('\n');
            }
        }
    }

    private static String line(String description) {
        return description.replace("\\", "\\\\").replace("\r", "").replace("\n", "\\n");
    }
}
