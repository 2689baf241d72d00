package io.keelson.controllers.history;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.apps.ControllerRevision;
import io.keelson.controllers.objects.ContentHash;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a revision says: a pod template, as a strategic merge patch that puts it back into its workload.
 *
 * <pre>
 *   {"spec": {"template": {"$patch": "replace", "metadata": …, "spec": …}}}
 * </pre>
 *
 * <p>Two are equal if they mean the same. Writers differ in what they leave out: null, empty lists, empty maps of labels and
 * of resources say nothing, and are not part of it. Other empty objects do say something: {@code labelSelector: {}} selects
 * every pod, none selects no pod.
 */
public final class RevisionContent {
    private static final JsonMapper JSON = new JsonMapper();
    private static final String PATCH = "$patch";
    private static final Set<String> NOTHING_IF_EMPTY = Set.of(
            "metadata",
            "labels",
            "annotations",
            "matchLabels",
            "nodeSelector",
            "overhead",
            "resources",
            "limits",
            "requests");

    private final JsonNode json;

    private RevisionContent(JsonNode json) {
        this.json = json;
    }

    /** The content of a revision that keeps a template. */
    public static RevisionContent of(PodTemplateSpec template) {
        JsonNode tree = tree(template);
        ObjectNode kept = tree instanceof ObjectNode object ? object : JSON.createObjectNode();
        kept.put(PATCH, "replace");
        ObjectNode patch = JSON.createObjectNode();
        patch.putObject("spec").set("template", kept);
        return new RevisionContent(patch);
    }

    /** The content of a revision, whoever wrote it. */
    public static RevisionContent of(ControllerRevision revision) {
        Object data = revision.getData();
        return new RevisionContent(data == null ? JSON.createObjectNode() : tree(data));
    }

    private static JsonNode tree(Object value) {
        try {
            // By way of text, so that a number is the same whatever class it was.
            JsonNode tree = JSON.readTree(JSON.writeValueAsString(value));
            prune(tree);
            return tree;
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("no JSON can be made of it", e);
        }
    }

    private static void prune(JsonNode tree) {
        for (JsonNode child : tree) {
            prune(child);
        }
        if (tree instanceof ObjectNode object) {
            object.properties().removeIf(field -> saysNothing(field.getKey(), field.getValue()));
        }
    }

    private static boolean saysNothing(String name, JsonNode value) {
        return value.isNull()
                || (value.isArray() && value.isEmpty())
                || (value.isObject() && value.isEmpty() && NOTHING_IF_EMPTY.contains(name));
    }

    /** As the API keeps it. */
    public Map<String, Object> data() {
        return JSON.convertValue(json, JSON.getTypeFactory().constructMapType(Map.class, String.class, Object.class));
    }

    /**
     * The template that it puts back; null if it has none, as no controller would have written it.
     *
     * @throws IllegalArgumentException if it is no template
     */
    public @Nullable PodTemplateSpec template() {
        JsonNode kept = json.path("spec").path("template");
        if (!(kept.deepCopy() instanceof ObjectNode template)) {
            return null;
        }
        template.remove(PATCH);
        return JSON.convertValue(template, PodTemplateSpec.class);
    }

    /**
     * A short name for it.
     *
     * @param collisions how many times that was the name of other content
     */
    public String hash(int collisions) {
        return ContentHash.of(data(), collisions == 0 ? null : collisions);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof RevisionContent content && json.equals(content.json);
    }

    @Override
    public int hashCode() {
        return json.hashCode();
    }

    @Override
    public String toString() {
        return json.toString();
    }
}
