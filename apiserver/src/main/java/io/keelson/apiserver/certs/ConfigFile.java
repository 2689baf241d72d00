package io.keelson.apiserver.certs;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.GoText;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.object.ObjectMeta;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.common.FlowStyle;

/** Configuration files as trees, in YAML or JSON: kubeconfigs, and what flags name. Written by the operator, bounded all the same. */
public final class ConfigFile {
    private static final int BYTES_MAX = 4 << 20;

    private ConfigFile() {}

    public static ObjectNode read(Path file) throws IOException {
        if (Files.size(file) > BYTES_MAX) {
            throw new IOException(file + " has more than " + BYTES_MAX + " bytes");
        }
        try {
            return parse(Files.readAllBytes(file));
        } catch (IOException e) {
            throw new IOException(file + ": " + e.getMessage(), e);
        }
    }

    /** An empty text is an empty object. */
    public static ObjectNode parse(byte[] content) throws IOException {
        LoadSettings settings = LoadSettings.builder()
                .setCodePointLimit(BYTES_MAX)
                .setMaxAliasesForCollections(100)
                .setAllowDuplicateKeys(false)
                .setAllowRecursiveKeys(false)
                .build();
        Object loaded;
        try {
            loaded = new Load(settings).loadFromString(new String(content, StandardCharsets.UTF_8));
        } catch (RuntimeException e) {
            throw new IOException("malformed YAML: " + e.getMessage(), e);
        } catch (StackOverflowError e) {
            throw new IOException("YAML nested too deep", e);
        }
        if (loaded == null) {
            return Json.object();
        }
        JsonNode tree = Json.mapper().valueToTree(loaded);
        if (tree instanceof ObjectNode object) {
            return object;
        }
        throw new IOException("not an object");
    }

    /**
     * Makes sure that a file is of the kind that it should be, in a version that is known.
     *
     * @param versions with their group, {@code apiserver.config.k8s.io/v1} for example
     * @throws IOException naming what there may be, and what there is
     */
    public static void require(ObjectNode file, String kind, List<String> versions) throws IOException {
        String apiVersion = ObjectMeta.apiVersion(file);
        if (!ObjectMeta.kind(file).equals(kind) || !versions.contains(apiVersion)) {
            throw new IOException("expected kind " + kind + " of " + String.join(" or ", versions) + ", got kind "
                    + GoText.quoted(ObjectMeta.kind(file)) + " of " + GoText.quoted(apiVersion));
        }
    }

    /** As YAML, one field a line. */
    public static byte[] write(ObjectNode tree) {
        DumpSettings settings = DumpSettings.builder()
                .setDefaultFlowStyle(FlowStyle.BLOCK)
                .setWidth(1 << 20)
                .build();
        Object plain = Json.mapper().convertValue(tree, Object.class);
        return new Dump(settings).dumpToString(plain).getBytes(StandardCharsets.UTF_8);
    }
}
