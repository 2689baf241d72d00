package io.keelson.apiserver.admission;

import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.admission.AdmissionRequest.Operation;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.kinds.BuiltInKinds;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.object.Yaml;
import io.keelson.apiserver.request.UserInfo;
import io.keelson.apiserver.resource.GroupVersionKind;
import io.keelson.apiserver.resource.Resource;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A write to the namespace {@code default}, written in YAML, and what plugins make of it. */
public final class TestWrite {
    private final AdmissionRequest request;

    private TestWrite(AdmissionRequest request) {
        this.request = request;
    }

    public static TestWrite create(String resource, String yaml) {
        return of(Operation.CREATE, resource, "", yaml, null, false);
    }

    public static TestWrite dryCreate(String resource, String yaml) {
        return of(Operation.CREATE, resource, "", yaml, null, true);
    }

    public static TestWrite update(String resource, String subresource, String yaml, String oldYaml) {
        return of(Operation.UPDATE, resource, subresource, yaml, oldYaml, false);
    }

    private static TestWrite of(
            Operation operation,
            String name,
            String subresource,
            String yaml,
            @Nullable String oldYaml,
            boolean dryRun) {
        Resource resource = BuiltInKinds.resources().stream()
                .filter(candidate -> candidate.name().toString().equals(name))
                .findFirst()
                .orElseThrow();
        ObjectNode object = read(yaml);
        return new TestWrite(new AdmissionRequest(
                operation,
                resource,
                subresource,
                new GroupVersionKind(
                        resource.name().group(),
                        resource.versions().getFirst().version(),
                        resource.kind().kind()),
                resource.namespaced() ? "default" : "",
                ObjectMeta.name(object),
                object,
                oldYaml == null ? null : read(oldYaml),
                Json.object(),
                UserInfo.LOOPBACK,
                dryRun,
                new ArrayList<>()));
    }

    private static ObjectNode read(String yaml) {
        return Yaml.parseObject(yaml.getBytes(StandardCharsets.UTF_8), new ArrayList<>());
    }

    public AdmissionRequest request() {
        return request;
    }

    /** The object, once a plugin has changed it and found it good. */
    public ObjectNode through(AdmissionPlugin plugin) throws InterruptedException {
        plugin.mutate(request);
        plugin.validate(request);
        return Objects.requireNonNull(request.object());
    }

    /** A part of it, as JSON with single quotes, which read better; empty if it is not there. */
    public String through(AdmissionPlugin plugin, String pointer) throws InterruptedException {
        JsonNode part = through(plugin).at(pointer);
        return part.isMissingNode() ? "" : Json.text(part).replace('"', '\'');
    }

    /** Why a plugin refuses it, without whom it refuses. */
    public String refusedBy(AdmissionPlugin plugin) {
        String all = assertThrows(ApiException.class, () -> through(plugin)).message();
        String end = " is forbidden: ";
        return all.contains(end) ? all.substring(all.indexOf(end) + end.length()) : all;
    }
}
