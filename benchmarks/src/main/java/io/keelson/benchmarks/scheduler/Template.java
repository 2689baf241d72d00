package io.keelson.benchmarks.scheduler;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.MalformedException;
import io.keelson.apiserver.object.Yaml;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What an object looks like: YAML in which {@code {{…}}} stands for a number or text. {@code {{.Index}}} is the
 * object's number from 0 on, {@code {{.Count}}} how many there will be, {@code {{.name}}} a parameter,
 * {@code {{div .Index .name}}} and {@code {{mod .Index 3}}} whole numbers of them.
 */
final class Template {
    private static final Pattern PLACE = Pattern.compile("\\{\\{-?([^{}\\n]{0,200}?)-?\\}\\}");
    private static final Pattern OPERAND = Pattern.compile("\\.[A-Za-z][A-Za-z0-9]*|[0-9]{1,9}");

    private final String path;
    private final String text;
    private final boolean varies;

    private Template(String path, String text) {
        this.path = path;
        this.text = text;
        this.varies = PLACE.matcher(text).find();
    }

    /**
     * Takes the text of a file.
     *
     * @throws IllegalArgumentException if it has a place for something that is not known here, or is no object in YAML
     */
    static Template of(String path, byte[] content) {
        Template template = new Template(path, new String(content, StandardCharsets.UTF_8));
        Matcher places = PLACE.matcher(template.text);
        while (places.find()) {
            template.checkExpression(places.group(1));
        }
        if (!template.varies) {
            var _ = template.object(0, 1, Map.of());
        }
        return template;
    }

    private void checkExpression(String expression) {
        List<String> words = words(expression);
        boolean isValue = words.size() == 1 && OPERAND.matcher(words.getFirst()).matches();
        boolean isCall = words.size() == 3
                && (words.getFirst().equals("div") || words.getFirst().equals("mod"))
                && OPERAND.matcher(words.get(1)).matches()
                && OPERAND.matcher(words.get(2)).matches();
        if (!isValue && !isCall) {
            throw new IllegalArgumentException(path + ": {{" + shortened(expression)
                    + "}} is not known here; there are {{.Index}}, {{.Count}}, {{.param}}, {{div A B}} and"
                    + " {{mod A B}}");
        }
    }

    private static List<String> words(String expression) {
        List<String> words = new ArrayList<>();
        for (String word : expression.split("\\s+", -1)) {
            if (!word.isEmpty()) {
                words.add(word);
            }
        }
        return words;
    }

    private static String shortened(String text) {
        return text.length() <= 80 ? text : text.substring(0, 80) + "…";
    }

    /** Whether one object is another than the next, so that not one can be made for all. */
    boolean varies() {
        return varies;
    }

    /** The file it came from. */
    String path() {
        return path;
    }

    /**
     * The object of a number.
     *
     * @throws IllegalArgumentException if a parameter is not there, or what comes of it is no object in YAML
     */
    ObjectNode object(int index, int count, Map<String, String> params) {
        String filled = varies
                ? PLACE.matcher(text)
                        .replaceAll(place -> Matcher.quoteReplacement(value(place.group(1), index, count, params)))
                : text;
        try {
            return Yaml.parseObject(filled.getBytes(StandardCharsets.UTF_8), new ArrayList<>());
        } catch (MalformedException e) {
            throw new IllegalArgumentException(path + ": " + e.getMessage(), e);
        }
    }

    private String value(String expression, int index, int count, Map<String, String> params) {
        List<String> words = words(expression);
        if (words.size() == 1) {
            return operand(words.getFirst(), index, count, params);
        }
        long one = number(operand(words.get(1), index, count, params));
        long other = number(operand(words.get(2), index, count, params));
        if (other == 0) {
            throw new IllegalArgumentException(path + ": {{" + expression + "}} divides by 0");
        }
        return Long.toString(words.getFirst().equals("div") ? one / other : one % other);
    }

    private String operand(String word, int index, int count, Map<String, String> params) {
        if (word.charAt(0) != '.') {
            return word;
        }
        String name = word.substring(1);
        String param = params.get(name);
        if (param != null) {
            return param;
        }
        return switch (name) {
            case "Index" -> Integer.toString(index);
            case "Count" -> Integer.toString(count);
            default -> throw new IllegalArgumentException(path + ": there is no value for {{" + word + "}}");
        };
    }

    private long number(String text) {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(path + ": '" + shortened(text) + "' is no whole number", e);
        }
    }
}
