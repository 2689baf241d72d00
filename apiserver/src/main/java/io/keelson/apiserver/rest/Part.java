package io.keelson.apiserver.rest;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.apply.FieldFilter;
import io.keelson.apiserver.apply.FieldManager;
import io.keelson.apiserver.apply.FieldSet;
import io.keelson.apiserver.resource.Resource;
import io.keelson.apiserver.resource.Strategy;
import io.keelson.apiserver.resource.Subresource;
import io.keelson.apiserver.resource.WriteContext;
import io.keelson.apiserver.validation.FieldErrors;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;

/**
 * What of an object is written through one of its paths: all but the status, the status, or something smaller that has a
 * path of its own.
 *
 * @param strategy says what may change
 * @param status whether its rules for the status are those that count, or those for everything else
 * @param fields which can be managed by who writes here
 */
record Part(Strategy strategy, boolean status, FieldFilter fields) {
    private static final FieldFilter WITHOUT_STATUS = FieldFilter.without(FieldSet.of("status"));
    private static final FieldFilter STATUS_ONLY = FieldFilter.onlyBelow(List.of(List.of(Subresource.STATUS)));

    /** What the server itself changes in the course of something else: nobody's rules apply. */
    static final Part UNRULED = new Part(
            new Strategy() {
                @Override
                public boolean countsGenerations() {
                    return false;
                }
            },
            false,
            FieldFilter.ALL);

    /** @param subresource empty for the object itself */
    static Part of(Resource resource, String subresource) {
        Part own = BuiltInParts.find(resource.name(), subresource);
        if (own != null) {
            return own;
        }
        Strategy strategy = resource.strategy();
        if (subresource.equals(Subresource.STATUS)) {
            return new Part(strategy, true, STATUS_ONLY);
        }
        boolean hasStatus = resource.subresource(Subresource.STATUS) != null;
        return new Part(strategy, false, hasStatus ? WITHOUT_STATUS : FieldFilter.ALL);
    }

    void prepare(WriteContext context, ObjectNode object, ObjectNode old) {
        strategy.dropDisabled(object, old);
        if (status) {
            strategy.prepareForStatusUpdate(context, object, old);
        } else {
            strategy.prepareForUpdate(context, object, old);
        }
    }

    void judge(ObjectNode object, ObjectNode old, FieldErrors errors) {
        if (status) {
            strategy.validateStatusUpdate(object, old, errors);
        } else {
            strategy.validateChanged(object, old, errors);
        }
    }

    /** Tracks who manages what is written here. */
    FieldManager managers(Write write, InstantSource clock) {
        return new FieldManager(
                io.keelson.apiserver.apply.Versions.of(write.resource()),
                write.kind(),
                write.subresource(),
                Map.of(write.kind().groupVersion().toString(), fields),
                write.resource().custom(),
                clock);
    }
}
