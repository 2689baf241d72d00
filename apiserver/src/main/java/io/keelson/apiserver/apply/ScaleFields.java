package io.keelson.apiserver.apply;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Managers of an object seen through its {@code scale} subresource, where only the number of replicas has managers, under
 * another path and another version; and back.
 *
 * @param apiVersion in which the object is scaled
 * @param replicas where the number of replicas is, as names of fields, by apiVersion of the object
 */
public record ScaleFields(String apiVersion, Map<String, List<String>> replicas) {
    private static final String SCALE_VERSION = "autoscaling/v1";
    private static final FieldSet IN_SCALE = FieldSet.of("spec", "replicas");

    /**
     * The managed fields of the scale.
     *
     * @param list {@code metadata.managedFields} of the object; null if it has none
     */
    public ArrayNode toScale(@Nullable JsonNode list) {
        ManagedFields scale = ManagedFields.NONE;
        for (Map.Entry<Manager, ManagedFields.Entry> entry :
                ManagedFields.decode(list).entries().entrySet()) {
            FieldSet path = path(entry.getValue().apiVersion());
            if (path != null && !entry.getValue().fields().intersection(path).isEmpty()) {
                scale = scale.with(
                        inVersion(entry.getKey(), SCALE_VERSION),
                        new ManagedFields.Entry(
                                IN_SCALE, SCALE_VERSION, entry.getValue().time()));
            }
        }
        return scale.encode();
    }

    /**
     * The managed fields of the object after its scale has been written.
     *
     * @param list of the object before; null if it had none
     * @param scaleList of the scale afterwards; null if it has none
     */
    public ArrayNode toObject(@Nullable JsonNode list, @Nullable JsonNode scaleList) {
        ManagedFields before = ManagedFields.decode(list);
        ManagedFields scale = ManagedFields.decode(scaleList);
        List<Manager> kept = new ArrayList<>();
        ManagedFields result = ManagedFields.NONE;
        for (Map.Entry<Manager, ManagedFields.Entry> entry : before.entries().entrySet()) {
            Manager manager = entry.getKey();
            ManagedFields.Entry value = entry.getValue();
            if (!replicas.containsKey(value.apiVersion())) {
                continue;
            }
            FieldSet path = path(value.apiVersion());
            boolean givenUp = scale.get(inVersion(manager, SCALE_VERSION)) == null;
            if (path != null && givenUp && !value.fields().intersection(path).isEmpty()) {
                result = result.with(manager, value.withFields(value.fields().difference(path)));
            } else {
                result = result.with(manager, value);
                kept.add(inVersion(manager, SCALE_VERSION));
            }
        }
        FieldSet path = path(apiVersion);
        for (Map.Entry<Manager, ManagedFields.Entry> entry : scale.entries().entrySet()) {
            boolean isNew = !kept.contains(entry.getKey());
            if (isNew
                    && path != null
                    && !entry.getValue().fields().intersection(IN_SCALE).isEmpty()) {
                result = result.with(
                        inVersion(entry.getKey(), apiVersion),
                        new ManagedFields.Entry(
                                path, apiVersion, entry.getValue().time()));
            }
        }
        return result.encode();
    }

    private static Manager inVersion(Manager manager, String apiVersion) {
        return manager.applies()
                ? manager
                : new Manager(manager.name(), manager.operation(), apiVersion, manager.subresource());
    }

    private @Nullable FieldSet path(String version) {
        List<String> path = replicas.get(version);
        return path == null || path.isEmpty() ? null : FieldSet.of(path.toArray(new String[0]));
    }
}
