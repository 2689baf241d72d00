package io.keelson.apiserver.rest;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.kinds.SchedulingGroups;
import io.keelson.apiserver.resource.Resource;
import org.jspecify.annotations.Nullable;

/**
 * Takes away fields of features that a server may have or not have, where this one has them not. Those that no server of ours
 * has are the {@linkplain io.keelson.apiserver.resource.Strategy#dropDisabled strategies'} business.
 *
 * @param groupsOfPods whether pods may belong to a group that is scheduled together
 */
record DisabledFields(boolean groupsOfPods) {
    /**
     * Takes them away, unless the old object uses them.
     *
     * @param object to be changed
     * @param old what is there; null for a new object
     */
    void drop(Resource resource, ObjectNode object, @Nullable ObjectNode old) {
        if (!groupsOfPods && !resource.custom()) {
            SchedulingGroups.drop(resource.name(), object, old);
        }
    }
}
