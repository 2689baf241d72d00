package io.keelson.apiserver.apply;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.errors.Reason;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.object.MalformedException;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.resource.GroupVersionKind;
import io.keelson.apiserver.schema.Schema;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Tracks who manages the fields of objects of one kind, in one version, written through one endpoint; and applies
 * configurations. Immutable; for any thread.
 *
 * <p>Live objects, changed objects and configurations are all in the version of the endpoint. An object without a live
 * one is being created.
 */
public final class FieldManager {
    /** More managers that update than this are merged, the oldest first. */
    private static final int UPDATERS_MAX = 10;

    /** The name of those that are merged. */
    private static final String ANCIENT_CHANGES = "ancient-changes";

    /** Who has the fields that were there before managers were tracked. */
    private static final String BEFORE_FIRST_APPLY = "before-first-apply";

    /** What nobody can manage: what makes an object this object, and what the server fills in. */
    private static final FieldSet NEVER_MANAGED = FieldSet.of("apiVersion")
            .union(FieldSet.of("kind"))
            .union(FieldSet.of("metadata"))
            .union(FieldSet.of("metadata", "name"))
            .union(FieldSet.of("metadata", "namespace"))
            .union(FieldSet.of("metadata", "creationTimestamp"))
            .union(FieldSet.of("metadata", "selfLink"))
            .union(FieldSet.of("metadata", "uid"))
            .union(FieldSet.of("metadata", "clusterName"))
            .union(FieldSet.of("metadata", "generation"))
            .union(FieldSet.of("metadata", "managedFields"))
            .union(FieldSet.of("metadata", "resourceVersion"));

    private final Ownership ownership;
    private final GroupVersionKind kind;
    private final String apiVersion;
    private final String subresource;
    private final boolean custom;
    private final InstantSource clock;

    /**
     * @param versions of the kind
     * @param kind in the version of the endpoint
     * @param subresource of the endpoint; empty for the main resource
     * @param filters which fields count, by apiVersion; all of them where nothing is said
     * @param custom whether the kind comes from a CustomResourceDefinition
     * @param clock what times are taken from
     */
    public FieldManager(
            Versions versions,
            GroupVersionKind kind,
            String subresource,
            Map<String, FieldFilter> filters,
            boolean custom,
            InstantSource clock) {
        this.ownership = new Ownership(versions, Map.copyOf(filters), new Removal(custom));
        this.kind = kind;
        this.apiVersion = kind.groupVersion().toString();
        this.subresource = subresource;
        this.custom = custom;
        this.clock = clock;
    }

    private Instant now() {
        return Instant.ofEpochSecond(clock.instant().getEpochSecond());
    }

    /**
     * Gives a new or changed object the managers that it has after a create, an update or a patch. Never fails: if the
     * fields cannot be told apart, the managers stay those of the live object.
     *
     * @param live null if the object is being created
     * @param changed what is to be written; stays as it is
     * @param manager the name of who writes, see {@link Manager#nameOf}
     * @return the changed object, with other metadata; the rest is shared with it
     */
    public ObjectNode update(@Nullable ObjectNode live, ObjectNode changed, String manager) {
        ObjectNode result = ManagedFields.withoutManagedFields(changed);
        try {
            setManagers(result, update(live, result, managersOf(live, changed), manager));
        } catch (MergeException | ApiException e) {
            // What cannot be compared by its schema (a definition has changed, a webhook does not convert) may still be
            // written; who wrote it is not known then.
            ArrayNode kept = live == null ? null : ObjectMeta.managedFields(live);
            ObjectMeta.setManagedFields(result, kept == null ? null : kept.deepCopy());
        }
        return result;
    }

    /** The managers from whom an update starts: those in the request, so that they can be edited, or the live ones. */
    private ManagedFields managersOf(@Nullable ObjectNode live, ObjectNode changed) {
        JsonNode sent = changed.path("metadata").get("managedFields");
        if (subresource.isEmpty()) {
            if (ManagedFields.isReset(sent)) {
                return ManagedFields.NONE;
            }
            ManagedFields edited = decodeOrNone(sent);
            if (!edited.isEmpty()) {
                return edited;
            }
        }
        return live == null
                ? ManagedFields.NONE
                : decodeOrNone(live.path("metadata").get("managedFields"));
    }

    private static ManagedFields decodeOrNone(@Nullable JsonNode list) {
        try {
            return ManagedFields.decode(list);
        } catch (MalformedException e) {
            return ManagedFields.NONE;
        }
    }

    private ManagedFields update(
            @Nullable ObjectNode live, ObjectNode changed, ManagedFields managers, String manager) {
        if (live != null && managers.isEmpty()) {
            // Nobody is tracked in this object: it is older than tracking, or somebody has cleared the list.
            return ManagedFields.NONE;
        }
        ObjectNode before = live == null ? zero() : ManagedFields.withoutManagedFields(live);
        return changed(
                ownership.typed(before, apiVersion, TypedObject.Duplicates.TOLERATED),
                ownership.typed(changed, apiVersion, TypedObject.Duplicates.TOLERATED),
                managers,
                manager);
    }

    private ManagedFields changed(TypedObject live, TypedObject changed, ManagedFields managers, String name) {
        Ownership.Updated updated = ownership.update(live, changed, managers);
        FieldSet set = updated.set().difference(NEVER_MANAGED);
        ManagedFields result = updated.managers();
        if (!set.isEmpty()) {
            Manager manager = Manager.updater(name, apiVersion, subresource);
            ManagedFields.Entry previous = result.get(manager);
            FieldSet all = previous == null ? set : set.union(previous.fields());
            result = result.with(manager, new ManagedFields.Entry(all, apiVersion, now()));
        }
        return capped(result);
    }

    /** What an object has that nobody has written yet. */
    private ObjectNode zero() {
        Schema schema = ownership.versions().schema(apiVersion);
        return custom || schema == null ? Json.object() : MergeType.zero(schema);
    }

    /** Merges the oldest managers that update, those of each version into one, until there are no more than allowed. */
    private static ManagedFields capped(ManagedFields managers) {
        List<Manager> updaters = managers.entries().entrySet().stream()
                .filter(entry -> !entry.getKey().applies())
                .sorted(Comparator.<Map.Entry<Manager, ManagedFields.Entry>>comparingLong(
                                entry -> entry.getValue().seconds())
                        .thenComparing(Map.Entry::getKey, Manager.ORDER))
                .map(Map.Entry::getKey)
                .toList();
        ManagedFields result = managers;
        Map<String, Manager> firstOfVersion = new HashMap<>();
        int count = updaters.size();
        for (Manager updater : updaters) {
            if (count <= UPDATERS_MAX) {
                break;
            }
            ManagedFields.Entry entry = result.get(updater);
            if (entry == null) {
                continue;
            }
            String version = entry.apiVersion();
            Manager first = firstOfVersion.putIfAbsent(version, updater);
            if (first == null) {
                continue;
            }
            Manager ancient = Manager.updater(ANCIENT_CHANGES, version, "");
            ManagedFields.Entry gathered = result.get(ancient);
            if (gathered == null) {
                gathered = result.get(first);
                result = result.without(first);
            }
            FieldSet all = gathered == null ? entry.fields() : entry.fields().union(gathered.fields());
            result = result.without(updater).with(ancient, new ManagedFields.Entry(all, version, entry.time()));
            count--;
        }
        return result;
    }

    /**
     * Applies a configuration.
     *
     * @param live null to create the object
     * @param config stays as it is
     * @param manager the name of who applies
     * @param force whether to take over what others manage
     * @return the object as it is to be written, without defaults, like one that a client has sent
     * @throws ApiException Conflict if others manage what would change; BadRequest if the configuration is of another
     *     kind or version, or has managed fields itself; without a reason (and code 500, as in the original) if it does
     *     not fit the schema
     */
    public ObjectNode apply(@Nullable ObjectNode live, ObjectNode config, String manager, boolean force) {
        requireKind(config);
        ManagedFields managers;
        try {
            managers = live == null
                    ? ManagedFields.NONE
                    : ManagedFields.decode(live.path("metadata").get("managedFields"));
        } catch (MalformedException e) {
            throw failure("failed to decode managed fields: " + e.message());
        }
        if (config.path("metadata").path("managedFields").isArray()) {
            throw ApiException.badRequest("metadata.managedFields must be nil");
        }
        TypedObject applied = typed(config, TypedObject.Duplicates.REFUSED, config, "patch");
        TypedObject before = typed(
                live == null ? Json.object() : ManagedFields.withoutManagedFields(live),
                TypedObject.Duplicates.TOLERATED,
                live == null ? config : live,
                "live");
        try {
            if (live != null && managers.isEmpty()) {
                TypedObject zero = ownership.typed(zero(), apiVersion, TypedObject.Duplicates.TOLERATED);
                managers = changed(zero, before, ManagedFields.NONE, BEFORE_FIRST_APPLY);
            }
            return written(applyOrTakeOver(before, applied, managers, manager, force), before, config, manager);
        } catch (Conflict.Conflicts e) {
            throw e.asAnswer();
        } catch (MergeException e) {
            throw failure(e.message());
        }
    }

    private void requireKind(ObjectNode config) {
        String group = "";
        String version = "";
        String sent = ObjectMeta.apiVersion(config);
        int slash = sent.indexOf('/');
        if (slash == sent.lastIndexOf('/')) {
            group = slash < 0 ? "" : sent.substring(0, slash);
            version = sent.substring(slash + 1);
        }
        GroupVersionKind actual = new GroupVersionKind(group, version, ObjectMeta.kind(config));
        if (!actual.equals(kind)) {
            throw ApiException.badRequest("invalid object type: " + shown(actual));
        }
    }

    private TypedObject typed(ObjectNode object, TypedObject.Duplicates duplicates, ObjectNode named, String what) {
        try {
            return ownership.typed(object, apiVersion, duplicates);
        } catch (MergeException e) {
            throw failure("failed to create typed " + what + " object (" + ObjectMeta.namespace(named) + "/"
                    + ObjectMeta.name(named) + "; " + shown(kind) + "): " + e.message());
        }
    }

    /** As Go prints it, with a slash before the version even if there is no group. */
    private static String shown(GroupVersionKind kind) {
        return kind.group() + "/" + kind.version() + ", Kind=" + kind.kind();
    }

    private static ApiException failure(String message) {
        return ApiException.of(Reason.UNKNOWN, message);
    }

    /**
     * Applies; kubectl also takes over, without being forced, what stands in the object exactly as it was last applied on
     * the client's side: that is its own, under another name.
     */
    private Ownership.Applied applyOrTakeOver(
            TypedObject live, TypedObject config, ManagedFields managers, String name, boolean force) {
        Manager manager = Manager.applier(name, subresource);
        try {
            return ownership.apply(live, config, managers, manager, force);
        } catch (Conflict.Conflicts conflicts) {
            FieldSet own = name.equals(LastApplied.MANAGER) ? LastApplied.stillStanding(live, ownership) : null;
            if (own == null) {
                throw conflicts;
            }
            Conflict.Conflicts others = conflicts.without(own);
            if (!others.isEmpty()) {
                throw others;
            }
            return ownership.apply(live, config, managers, manager, true);
        }
    }

    private ObjectNode written(Ownership.Applied applied, TypedObject live, ObjectNode config, String name) {
        Manager manager = Manager.applier(name, subresource);
        ManagedFields managers = applied.managers();
        ManagedFields.Entry entry = managers.get(manager);
        boolean changes = !ValueOrder.same(applied.object().object(), live.object());
        if (entry != null) {
            FieldSet fields = entry.fields().difference(NEVER_MANAGED);
            managers = managers.with(
                    manager, new ManagedFields.Entry(fields, entry.apiVersion(), changes ? now() : entry.time()));
        }
        ObjectNode object = applied.object().object().deepCopy();
        if (!custom) {
            dropNulls(applied.object().type(), object);
        }
        if (name.equals(LastApplied.MANAGER)) {
            LastApplied.renew(object, config);
        }
        setManagers(object, managers);
        return object;
    }

    /** Fields of built-in kinds cannot be null: that is how a configuration says that it leaves them out. */
    private static void dropNulls(MergeType type, JsonNode value) {
        if (!type.isDeclared()) {
            return;
        }
        if (value instanceof ObjectNode object) {
            object.properties().removeIf(field -> field.getValue().isNull());
            object.properties().forEach(field -> {
                MergeType below = type.field(field.getKey());
                if (below != null) {
                    dropNulls(below, field.getValue());
                }
            });
        } else if (value.isArray()) {
            value.forEach(element -> dropNulls(type.element(), element));
        }
    }

    private static void setManagers(ObjectNode object, ManagedFields managers) {
        if (!managers.isEmpty()) {
            ObjectMeta.metadata(object).set("managedFields", managers.encode());
        }
    }
}
