package io.keelson.apiserver.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.errors.Reason;
import io.keelson.apiserver.kinds.flow.DefaultFlows;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.resource.Resource;
import io.keelson.apiserver.rest.RestApi;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The priority levels and flow schemas of {@code flow-defaults.yaml}. The annotation {@value #AUTO_UPDATE} says whether one
 * is kept as it stands there: {@code true}, or {@code false} and it is left alone. Suggested ones without it have it set,
 * by whether somebody has changed them; mandatory ones are kept in any case.
 */
final class FlowDefaults {
    static final String AUTO_UPDATE = "apf.kubernetes.io/autoupdate-spec";
    static final Duration PAUSE = Duration.ofMinutes(1);

    private static final Logger log = LoggerFactory.getLogger(FlowDefaults.class);
    private static final String GROUP = "flowcontrol.apiserver.k8s.io";

    private static final List<ObjectNode> MANDATORY_LEVELS = mandatory("levels");
    private static final List<ObjectNode> MANDATORY_SCHEMAS = mandatory("schemas");

    private final RestApi rest;
    private final List<Wanted> wanted = new ArrayList<>();

    /** What is to be there. */
    private record Wanted(Resource resource, String name, ObjectNode spec, boolean mandatory) {}

    FlowDefaults(RestApi rest) {
        this.rest = rest;
        Resource levels = rest.resource(GROUP, "prioritylevelconfigurations");
        Resource schemas = rest.resource(GROUP, "flowschemas");
        JsonNode all = DefaultFlows.all();
        for (boolean mandatory : new boolean[] {true, false}) {
            JsonNode part = all.path(mandatory ? "mandatory" : "suggested");
            part.path("levels").forEach(level -> add(levels, level, mandatory));
            part.path("schemas").forEach(schema -> add(schemas, schema, mandatory));
        }
    }

    /** The levels that are always there, as they are where nobody has changed them. */
    static List<ObjectNode> mandatoryLevels() {
        return MANDATORY_LEVELS;
    }

    /** The flow schemas that are always there. */
    static List<ObjectNode> mandatorySchemas() {
        return MANDATORY_SCHEMAS;
    }

    private static List<ObjectNode> mandatory(String what) {
        List<ObjectNode> objects = new ArrayList<>();
        for (JsonNode line : DefaultFlows.all().path("mandatory").path(what)) {
            ObjectNode object = Json.object();
            ObjectMeta.setName(object, line.path("name").asText());
            object.set("spec", line.path("spec").deepCopy());
            objects.add(object);
        }
        return List.copyOf(objects);
    }

    private void add(Resource resource, JsonNode line, boolean mandatory) {
        if (!(line.get("spec") instanceof ObjectNode spec)) {
            throw new IllegalStateException("flow-defaults.yaml: no spec in " + line);
        }
        wanted.add(new Wanted(resource, line.path("name").asText(), spec, mandatory));
    }

    /** Makes everything as it should be. */
    void round() throws InterruptedException {
        Together.run(
                wanted.stream().<Together.Task>map(one -> () -> settle(one)).toList());
        removeFormer();
    }

    private void settle(Wanted one) throws InterruptedException {
        ObjectNode present = rest.read(one.resource(), "", one.name());
        if (present == null) {
            create(one);
            return;
        }
        if (changed(one, present).equals(present)) {
            return;
        }
        var _ = rest.update(one.resource(), "", one.name(), now -> changed(one, now));
    }

    private void create(Wanted one) throws InterruptedException {
        ObjectNode object = Json.object()
                .put("apiVersion", GROUP + "/v1")
                .put("kind", one.resource().kind().kind());
        ObjectMeta.setName(object, one.name());
        ObjectMeta.setAnnotation(object, AUTO_UPDATE, "true");
        object.set("spec", one.spec());
        try {
            var _ = rest.create(one.resource(), object);
        } catch (ApiException e) {
            if (e.reason() != Reason.ALREADY_EXISTS) {
                throw e;
            }
        }
    }

    private static ObjectNode changed(Wanted one, ObjectNode present) {
        ObjectNode object = present.deepCopy();
        boolean update = one.mandatory() || isUpdated(present);
        String annotation = Boolean.toString(update);
        if (!annotation.equals(ObjectMeta.annotation(object, AUTO_UPDATE))) {
            ObjectMeta.setAnnotation(object, AUTO_UPDATE, annotation);
        }
        if (update) {
            ObjectNode spec = one.spec().deepCopy();
            if (one.mandatory() && spec.get("exempt") instanceof ObjectNode exempt) {
                // How much of what is exempt is lent and counted is for the cluster to say.
                present.path("spec").path("exempt").properties().forEach(field -> {
                    exempt.set(field.getKey(), field.getValue());
                });
            }
            if (!present.path("spec").equals(spec)) {
                object.set("spec", spec);
            }
        }
        return object;
    }

    /** Whether one that is only suggested is to be kept as it is suggested. */
    private static boolean isUpdated(JsonNode present) {
        String annotation = ObjectMeta.annotation(present, AUTO_UPDATE);
        if ("true".equals(annotation) || "false".equals(annotation)) {
            return "true".equals(annotation);
        }
        // Nobody has changed it since it was made.
        return ObjectMeta.generation(present) == 1;
    }

    /** Removes what earlier versions suggested and this one does not, if nobody has made it their own. */
    private void removeFormer() throws InterruptedException {
        Set<Resource> resources = new HashSet<>();
        wanted.forEach(one -> resources.add(one.resource()));
        for (Resource resource : resources) {
            for (ObjectNode object : rest.all(GROUP, resource.name().resource(), "")) {
                boolean known = wanted.stream()
                        .anyMatch(one ->
                                one.resource().equals(resource) && one.name().equals(ObjectMeta.name(object)));
                if (!known && "true".equals(ObjectMeta.annotation(object, AUTO_UPDATE))) {
                    log.info("{} \"{}\" is no longer suggested and goes", resource, ObjectMeta.name(object));
                    rest.delete(resource, "", ObjectMeta.name(object));
                }
            }
        }
    }
}
