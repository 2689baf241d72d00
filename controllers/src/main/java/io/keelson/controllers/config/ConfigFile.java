package io.keelson.controllers.config;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.Node;

/** A YAML file with one document in it, of 8 MiB at most; references by anchors are not taken. */
public final class ConfigFile {
    private static final int SIZE_MAX = 8 << 20;

    private ConfigFile() {}

    /**
     * The bytes of a file.
     *
     * @throws ConfigException if it cannot be read, or is too large
     */
    public static byte[] bytes(Path file) throws ConfigException {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(SIZE_MAX + 1);
            if (bytes.length > SIZE_MAX) {
                throw new ConfigException(file + ": larger than " + (SIZE_MAX >> 20) + " MiB, which is not taken");
            }
            return bytes;
        } catch (IOException e) {
            throw new ConfigException(file + ": cannot be read: " + e);
        }
    }

    /**
     * What is in a file.
     *
     * @param name what complaints call it
     * @return its one document
     * @throws ConfigException if it is no YAML, or not one document
     */
    public static ConfigNode parse(String name, byte[] bytes) throws ConfigException {
        LoadSettings settings = LoadSettings.builder()
                .setLabel(name)
                .setMaxAliasesForCollections(0)
                .setCodePointLimit(SIZE_MAX)
                .build();
        try {
            Iterator<Node> documents = new Compose(settings)
                    .composeAllFromString(text(name, bytes))
                    .iterator();
            if (!documents.hasNext()) {
                throw new ConfigException(name + ": is empty");
            }
            ConfigNode document = new ConfigNode(name, "", documents.next());
            if (documents.hasNext()) {
                throw new ConfigException(name + ": has more than one document in it");
            }
            return document;
        } catch (MarkedYamlEngineException e) {
            String line =
                    e.getProblemMark().map(mark -> ":" + (mark.getLine() + 1)).orElse("");
            throw new ConfigException(name + line + ": " + e.getProblem());
        } catch (YamlEngineException | StackOverflowError e) {
            throw new ConfigException(name + ": is no YAML: " + e.getMessage());
        }
    }

    private static String text(String name, byte[] bytes) throws ConfigException {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new ConfigException(name + ": is no text in UTF-8");
        }
    }
}
