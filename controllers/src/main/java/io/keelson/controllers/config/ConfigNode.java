package io.keelson.controllers.config;

import io.keelson.controllers.objects.GoDuration;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/** A part of a YAML file, which knows where it is. */
public final class ConfigNode {
    private static final int TEXT_MAX = 4096;

    private final String file;
    private final String path;
    private final Node node;

    ConfigNode(String file, String path, Node node) {
        this.file = file;
        this.path = path;
        this.node = node;
    }

    /** In which line of the file it begins, from 1 on. */
    public int line() {
        return node.getStartMark().map(mark -> mark.getLine() + 1).orElse(0);
    }

    /** A complaint about this part. */
    public ConfigException wrong(String problem) {
        return new ConfigException(file + ':' + line() + ": " + (path.isEmpty() ? "" : path + ": ") + problem);
    }

    /**
     * A mapping that has these fields and no others.
     *
     * @throws ConfigException if it is none, has another field, or one twice
     */
    public Fields fields(String... known) throws ConfigException {
        if (!(node instanceof MappingNode mapping)) {
            throw wrong("must have fields: " + String.join(", ", known));
        }
        Map<String, ConfigNode> fields = new LinkedHashMap<>();
        for (NodeTuple tuple : mapping.getValue()) {
            ConfigNode key = new ConfigNode(file, path, tuple.getKeyNode());
            String name = key.text();
            if (!Arrays.asList(known).contains(name)) {
                throw key.wrong("there is no field \"" + name + "\"; there are " + String.join(", ", known));
            }
            ConfigNode value = new ConfigNode(file, path.isEmpty() ? name : path + '.' + name, tuple.getValueNode());
            if (fields.containsKey(name)) {
                throw key.wrong("the field \"" + name + "\" is there twice");
            }
            if (!value.isNull()) {
                fields.put(name, value);
            }
        }
        return new Fields(this, fields);
    }

    private boolean isNull() {
        return node instanceof ScalarNode scalar && scalar.getTag().equals(Tag.NULL);
    }

    /**
     * A list.
     *
     * @throws ConfigException if it is none
     */
    public List<ConfigNode> list() throws ConfigException {
        if (!(node instanceof SequenceNode sequence)) {
            throw wrong("must be a list");
        }
        List<ConfigNode> list = new ArrayList<>();
        for (Node each : sequence.getValue()) {
            list.add(new ConfigNode(file, path + '[' + list.size() + ']', each));
        }
        return list;
    }

    /**
     * A map of names that are anybody's choice, in the order of the file.
     *
     * @throws ConfigException if it is none, or has a key twice
     */
    public Map<String, ConfigNode> entries() throws ConfigException {
        if (!(node instanceof MappingNode mapping)) {
            throw wrong("must be a map");
        }
        Map<String, ConfigNode> entries = new LinkedHashMap<>();
        for (NodeTuple tuple : mapping.getValue()) {
            String key = new ConfigNode(file, path, tuple.getKeyNode()).text();
            ConfigNode value = new ConfigNode(file, path + '.' + key, tuple.getValueNode());
            if (entries.put(key, value) != null) {
                throw value.wrong("is there twice");
            }
        }
        return entries;
    }

    /**
     * A map of text to text, in the order of the file.
     *
     * @throws ConfigException if it is none, or has a key twice
     */
    public Map<String, String> texts() throws ConfigException {
        Map<String, String> texts = new LinkedHashMap<>();
        for (Map.Entry<String, ConfigNode> entry : entries().entrySet()) {
            texts.put(entry.getKey(), entry.getValue().text());
        }
        return texts;
    }

    /**
     * A text of 4,096 characters at most.
     *
     * @throws ConfigException if it is none
     */
    public String text() throws ConfigException {
        if (!(node instanceof ScalarNode scalar) || isNull()) {
            throw wrong("must be a text");
        }
        String text = scalar.getValue();
        if (text.length() > TEXT_MAX) {
            throw wrong("is longer than " + TEXT_MAX + " characters");
        }
        return text;
    }

    /**
     * One of several words.
     *
     * @throws ConfigException if it is none of them
     */
    public String word(String... words) throws ConfigException {
        String word = text();
        if (!Arrays.asList(words).contains(word)) {
            throw wrong("must be one of " + String.join(", ", words) + ", not \"" + word + '"');
        }
        return word;
    }

    /**
     * A whole number.
     *
     * @throws ConfigException if it is none, or not between the two
     */
    public int number(int least, int most) throws ConfigException {
        String text = text();
        try {
            int number = Integer.parseInt(text);
            if (number >= least && number <= most) {
                return number;
            }
        } catch (NumberFormatException e) {
            throw wrong("must be a whole number from " + least + " to " + most + ", not \"" + text + '"');
        }
        throw wrong("must be a whole number from " + least + " to " + most + ", not " + text);
    }

    /**
     * {@code true} or {@code false}.
     *
     * @throws ConfigException if it is neither
     */
    public boolean truth() throws ConfigException {
        return word("true", "false").equals("true");
    }

    /**
     * A span of time, {@code 1m30s} say.
     *
     * @throws ConfigException if it is none, or not longer than none, or longer than a day
     */
    public Duration duration() throws ConfigException {
        String text = text();
        try {
            Duration duration = GoDuration.parse(text);
            if (duration.isPositive() && duration.compareTo(Duration.ofDays(1)) <= 0) {
                return duration;
            }
        } catch (IllegalArgumentException e) {
            throw wrong("must be a span of time, as 1m30s or 500ms is, not \"" + text + '"');
        }
        throw wrong("must be a span of time between nothing and a day, not " + text);
    }

    /** The fields of a mapping. */
    public static final class Fields {
        private final ConfigNode owner;
        private final Map<String, ConfigNode> fields;

        private Fields(ConfigNode owner, Map<String, ConfigNode> fields) {
            this.owner = owner;
            this.fields = fields;
        }

        /** A field; empty if it is not there, or null. */
        public Optional<ConfigNode> find(String name) {
            return Optional.ofNullable(fields.get(name));
        }

        /**
         * A field that has to be there.
         *
         * @throws ConfigException if it is not
         */
        public ConfigNode get(String name) throws ConfigException {
            ConfigNode field = fields.get(name);
            if (field == null) {
                throw owner.wrong("the field \"" + name + "\" is missing");
            }
            return field;
        }

        /**
         * The parts of a field that is a list; none if it is not there.
         *
         * @throws ConfigException if it is no list
         */
        public List<ConfigNode> list(String name) throws ConfigException {
            ConfigNode field = fields.get(name);
            return field == null ? List.of() : field.list();
        }

        /**
         * A field that is a text; another text if it is not there.
         *
         * @throws ConfigException if it is no text
         */
        public String text(String name, String otherwise) throws ConfigException {
            ConfigNode field = fields.get(name);
            return field == null ? otherwise : field.text();
        }

        /**
         * Checks which file this is, by {@code apiVersion} and {@code kind}.
         *
         * @throws ConfigException if it is another
         */
        public void isOfKind(String apiVersion, String kind) throws ConfigException {
            get("apiVersion").word(apiVersion);
            get("kind").word(kind);
        }
    }
}
