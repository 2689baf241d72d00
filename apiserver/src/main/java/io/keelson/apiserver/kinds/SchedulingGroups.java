package io.keelson.apiserver.kinds;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.resource.GroupResource;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The field by which pods belong to a group that is scheduled together, in all kinds that describe pods. Where the feature
 * {@code GenericWorkload} is off, nobody can bring it in. An object that has it, because a server stored it where the feature
 * is on, keeps it.
 */
public final class SchedulingGroups {
    private static final String FIELD = "schedulingGroup";
    private static final JsonPointer OF_TEMPLATE = JsonPointer.compile("/spec/template/spec");

    /** Where in an object the specification of pods stands. */
    private static final Map<String, JsonPointer> SPECIFICATIONS = Map.of(
            "pods", JsonPointer.compile("/spec"),
            "podtemplates", JsonPointer.compile("/template/spec"),
            "replicationcontrollers", OF_TEMPLATE,
            "replicasets.apps", OF_TEMPLATE,
            "deployments.apps", OF_TEMPLATE,
            "statefulsets.apps", OF_TEMPLATE,
            "daemonsets.apps", OF_TEMPLATE,
            "jobs.batch", OF_TEMPLATE,
            "cronjobs.batch", JsonPointer.compile("/spec/jobTemplate/spec/template/spec"));

    private SchedulingGroups() {}

    /**
     * Takes the field away, unless the old object has it.
     *
     * @param object to be changed
     * @param old null if the object is new
     */
    public static void drop(GroupResource resource, ObjectNode object, @Nullable ObjectNode old) {
        JsonPointer place = SPECIFICATIONS.get(resource.toString());
        if (place != null
                && object.at(place) instanceof ObjectNode specification
                && (old == null || !old.at(place).hasNonNull(FIELD))) {
            specification.remove(FIELD);
        }
    }
}
