package io.keelson.apiserver.object;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.MappingEndEvent;
import org.snakeyaml.engine.v2.events.MappingStartEvent;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.events.SequenceEndEvent;
import org.snakeyaml.engine.v2.events.SequenceStartEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * Reads one YAML document into a tree, from the events of the parser, so that nothing is built before it is known to be
 * within bounds. What an alias stands for is copied, and what is copied is counted: nodes by the rule of the original,
 * text by {@link #ALIAS_CHARS_MAX}.
 */
final class YamlReader {
    /** How many nodes may be made before the part of aliases in them begins to be limited more strictly. */
    private static final int ALIAS_RANGE_LOW = 400_000;

    private static final int ALIAS_RANGE_HIGH = 4_000_000;

    /** How much text aliases may stand for, all together. */
    private static final long ALIAS_CHARS_MAX = 16L << 20;

    /** More than any document that a server accepts; the size of requests is bounded elsewhere. */
    private static final int CODE_POINTS_MAX = 64 << 20;

    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    /** A value, and what it costs to have it once more. */
    private record Read(JsonNode node, long nodes, long chars, int depth) {}

    private final @Nullable List<String> duplicates;
    private final List<String> repeatedKeys = new ArrayList<>();
    private final Map<String, Read> anchors = new HashMap<>();
    private final Set<String> openAnchors = new HashSet<>();
    private Iterator<Event> events = List.<Event>of().iterator();
    private long made;
    private long copied;
    private long copiedChars;

    /** @param duplicates receives what is said of keys that stand in a mapping twice; null if nobody asks */
    YamlReader(@Nullable List<String> duplicates) {
        this.duplicates = duplicates;
    }

    /** @throws MalformedException if the text is anything but one document, or none */
    JsonNode document(String text) {
        try {
            LoadSettings settings =
                    LoadSettings.builder().setCodePointLimit(CODE_POINTS_MAX).build();
            events = new Parse(settings).parseString(text).iterator();
            JsonNode document = NODES.nullNode();
            boolean any = false;
            while (events.hasNext()) {
                Event event = events.next();
                switch (event.getEventId()) {
                    case DocumentStart -> {
                        JsonNode node = value(events.next(), 0).node();
                        if (any && !node.isNull()) {
                            throw new MalformedException("yaml: expected a single document in the stream");
                        }
                        document = any ? document : node;
                        any = true;
                        anchors.clear();
                    }
                    default -> {}
                }
            }
            if (duplicates != null && !repeatedKeys.isEmpty()) {
                duplicates.add("yaml: unmarshal errors:\n  " + String.join("\n  ", repeatedKeys));
            }
            return document;
        } catch (MarkedYamlEngineException e) {
            throw new MalformedException("yaml: " + place(e) + problem(e));
        } catch (YamlEngineException e) {
            throw new MalformedException("yaml: " + firstLine(e.getMessage()));
        } catch (IllegalArgumentException e) {
            // The parser lets some escapes that stand for no character through to where they are made one.
            throw new MalformedException("yaml: found invalid Unicode character escape code");
        }
    }

    private static String place(MarkedYamlEngineException error) {
        Mark mark = error.getProblemMark().or(error::getContextMark).orElse(null);
        return mark == null || mark.getLine() == 0 ? "" : "line " + (mark.getLine() + 1) + ": ";
    }

    /** What is wrong, in the original's words where they are known. */
    private static String problem(MarkedYamlEngineException error) {
        String problem = firstLine(error.getProblem());
        if (problem.equals("mapping values are not allowed here")) {
            return "mapping values are not allowed in this context";
        } else if (problem.startsWith("found character") && problem.contains("cannot start any token")) {
            return "found character that cannot start any token";
        } else if (problem.startsWith("expected <block end>")) {
            return "did not find expected key";
        } else if (problem.startsWith("found undefined alias")) {
            return "unknown anchor referenced";
        } else if (problem.startsWith("found unknown escape character")) {
            return "found unknown escape character";
        } else if (problem.startsWith("expected escape sequence of")) {
            return "did not find expected hexdecimal number"; // The parser of the original spells it so.
        }
        return problem;
    }

    private static String firstLine(@Nullable String text) {
        if (text == null) {
            return "unknown problem parsing YAML content";
        }
        int end = text.indexOf('\n');
        return (end < 0 ? text : text.substring(0, end)).strip(); // It may end with a character that was found.
    }

    private Read value(Event event, int depth) {
        if (depth > Json.DEPTH_MAX) {
            throw new MalformedException("yaml: exceeded max depth of " + Json.DEPTH_MAX);
        }
        made++;
        if (event instanceof AliasEvent alias) {
            return alias(alias.getAlias().getValue(), depth);
        }
        String anchor = ((NodeEvent) event).getAnchor().map(Object::toString).orElse("");
        if (!anchor.isEmpty()) {
            openAnchors.add(anchor);
        }
        Read read = switch (event) {
            case ScalarEvent scalar -> scalar(scalar);
            case SequenceStartEvent start -> sequence(depth);
            case MappingStartEvent start -> mapping(depth);
            default -> throw new MalformedException("yaml: did not find expected node content");
        };
        if (!anchor.isEmpty()) {
            openAnchors.remove(anchor);
            anchors.put(anchor, read);
        }
        return read;
    }

    private Read alias(String anchor, int depth) {
        if (openAnchors.contains(anchor)) {
            throw new MalformedException("yaml: anchor '" + anchor + "' value contains itself");
        }
        Read read = anchors.get(anchor);
        if (read == null) {
            throw new MalformedException("yaml: unknown anchor '" + anchor + "' referenced");
        }
        if (depth + read.depth() > Json.DEPTH_MAX) {
            throw new MalformedException("yaml: exceeded max depth of " + Json.DEPTH_MAX);
        }
        made += read.nodes();
        copied += read.nodes();
        copiedChars += read.chars();
        boolean tooMany = copied > 100 && made > 1_000 && (double) copied / made > allowedPart();
        if (tooMany || copiedChars > ALIAS_CHARS_MAX) {
            throw new MalformedException("yaml: document contains excessive aliasing");
        }
        return new Read(read.node().deepCopy(), read.nodes(), read.chars(), read.depth());
    }

    /** How much of all nodes may come from aliases: most of a small document, little of a large one. */
    private double allowedPart() {
        if (made <= ALIAS_RANGE_LOW) {
            return 0.99;
        } else if (made >= ALIAS_RANGE_HIGH) {
            return 0.10;
        }
        return 0.99 - 0.89 * (made - ALIAS_RANGE_LOW) / (ALIAS_RANGE_HIGH - ALIAS_RANGE_LOW);
    }

    private static Read scalar(ScalarEvent event) {
        JsonNode node = scalarNode(event);
        if (node.isFloatingPointNumber() && !Double.isFinite(node.doubleValue())) {
            String shown = Double.isNaN(node.doubleValue()) ? "NaN" : node.doubleValue() > 0 ? "+Inf" : "-Inf";
            throw new MalformedException("json: unsupported value: " + shown);
        }
        return new Read(node, 1, event.getValue().length(), 0);
    }

    private static JsonNode scalarNode(ScalarEvent event) {
        String tag = event.getTag().orElse(null);
        if (tag == null && !event.isPlain()) {
            return NODES.textNode(event.getValue());
        }
        if ("tag:yaml.org,2002:binary".equals(tag)) {
            try {
                byte[] bytes = Base64.getMimeDecoder().decode(event.getValue());
                return NODES.textNode(new String(bytes, StandardCharsets.UTF_8));
            } catch (IllegalArgumentException e) {
                throw new MalformedException("yaml: !!binary value contains invalid base64 data");
            }
        }
        return YamlScalar.resolve(event.getValue(), "!".equals(tag) ? YamlScalar.STRING_TAG : tag);
    }

    private Read sequence(int depth) {
        ArrayNode array = NODES.arrayNode();
        long nodes = 1;
        long chars = 0;
        int deepest = 0;
        for (Event event = events.next(); !(event instanceof SequenceEndEvent); event = events.next()) {
            Read element = value(event, depth + 1);
            array.add(element.node());
            nodes += element.nodes();
            chars += element.chars();
            deepest = Math.max(deepest, element.depth());
        }
        return new Read(array, nodes, chars, deepest + 1);
    }

    private Read mapping(int depth) {
        ObjectNode object = NODES.objectNode();
        Set<String> own = new HashSet<>();
        long nodes = 1;
        long chars = 0;
        int deepest = 0;
        for (Event event = events.next(); !(event instanceof MappingEndEvent); event = events.next()) {
            boolean merge = isMerge(event);
            Read key = merge ? new Read(NODES.nullNode(), 1, 2, 0) : value(event, depth + 1);
            Event valueEvent = events.next();
            Read value = value(valueEvent, depth + 1);
            nodes += key.nodes() + value.nodes();
            chars += key.chars() + value.chars();
            deepest = Math.max(deepest, value.depth());
            if (merge) {
                merge(value.node(), object, own);
            } else {
                if (key.node().isContainerNode()) {
                    throw new MalformedException("yaml: invalid map key: " + shortened(Json.text(key.node())));
                }
                String name = YamlScalar.key(key.node());
                object.set(name, value.node());
                if (!own.add(name)) {
                    repeated(name, valueEvent);
                }
            }
        }
        return new Read(object, nodes, chars, deepest + 1);
    }

    private static boolean isMerge(Event event) {
        return event instanceof ScalarEvent scalar
                && scalar.getValue().equals("<<")
                && scalar.isPlain()
                && (scalar.getTag().isEmpty()
                        || scalar.getTag().get().equals("!")
                        || scalar.getTag().get().equals("tag:yaml.org,2002:merge"));
    }

    /** Puts the keys of a mapping, or of several, into another one; the first of several goes before the others. */
    private static void merge(JsonNode source, ObjectNode target, Set<String> own) {
        if (source instanceof ObjectNode object) {
            object.properties().forEach(field -> {
                if (!own.contains(field.getKey())) {
                    target.set(field.getKey(), field.getValue());
                }
            });
        } else if (source instanceof ArrayNode list) {
            for (int i = list.size() - 1; i >= 0; i--) {
                if (!list.get(i).isObject()) {
                    throw new MalformedException("yaml: map merge requires map or sequence of maps as the value");
                }
                merge(list.get(i), target, own);
            }
        } else {
            throw new MalformedException("yaml: map merge requires map or sequence of maps as the value");
        }
    }

    private void repeated(String key, Event value) {
        if (repeatedKeys.size() < Json.FIELD_ERRORS_MAX) {
            int line = value.getStartMark().map(Mark::getLine).orElse(0) + 1;
            repeatedKeys.add("line " + line + ": key " + GoText.quoted(shortened(key)) + " already set in map");
        }
    }

    private static String shortened(String text) {
        return text.length() <= 256 ? text : text.substring(0, 256) + "...";
    }
}
