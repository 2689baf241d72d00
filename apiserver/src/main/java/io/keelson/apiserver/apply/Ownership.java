package io.keelson.apiserver.apply;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.schema.Schema;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a change does to those who manage fields, and what an applied configuration does to the object. The rules:
 *
 * <ul>
 *   <li>A field that is set to another value belongs to whoever sets it, and to nobody else any more.
 *   <li>A field that is set to the value that it has is shared by all who set it.
 *   <li>A field that is removed belongs to nobody.
 *   <li>What a manager applied before and does not apply now is removed, if nobody else has it.
 * </ul>
 *
 * <p>Each manager's fields are paths in the version in which it wrote, so objects are compared in that version; managers
 * of a version that is gone are forgotten.
 *
 * @param filters which fields count, by apiVersion
 * @param removal takes out what nobody has any more
 */
record Ownership(Versions versions, Map<String, FieldFilter> filters, Removal removal) {
    /**
     * What an update has done.
     *
     * @param managers what is left to those that were there
     * @param set the fields that now belong to whoever updated
     */
    record Updated(ManagedFields managers, FieldSet set) {}

    /** What an apply has done: the object, and who manages its fields. */
    record Applied(TypedObject object, ManagedFields managers) {}

    /**
     * Checks that an object fits its schema.
     *
     * @throws MergeException if it does not, or if there is no such version
     */
    TypedObject typed(ObjectNode object, String apiVersion, TypedObject.Duplicates duplicates) {
        Schema schema = versions.schema(apiVersion);
        if (schema == null) {
            throw new MergeException("no corresponding type for " + apiVersion);
        }
        return TypedObject.of(object, MergeType.ofKind(schema), apiVersion, duplicates);
    }

    /** The object in another version; null if there is no such version. */
    private @Nullable TypedObject convert(TypedObject object, String apiVersion) {
        if (object.apiVersion().equals(apiVersion)) {
            return object;
        }
        if (versions.schema(apiVersion) == null) {
            return null;
        }
        return typed(versions.convert(object.object(), apiVersion), apiVersion, TypedObject.Duplicates.TOLERATED);
    }

    private FieldFilter filter(String apiVersion) {
        return filters.getOrDefault(apiVersion, FieldFilter.ALL);
    }

    /** An update: what differs now belongs to whoever updates, and to nobody else. */
    Updated update(TypedObject live, TypedObject changed, ManagedFields managers) {
        Comparison comparison = Comparison.of(live, changed).filtered(filter(changed.apiVersion()));
        ManagedFields left = passOn(live, changed, comparison, reconciled(live, managers), null, true);
        return new Updated(left, comparison.set());
    }

    /**
     * An apply: the configuration is merged into the live object, and what the manager gave up is removed.
     *
     * @throws Conflict.Conflicts unless forced, if others manage what would change
     */
    Applied apply(TypedObject live, TypedObject config, ManagedFields before, Manager manager, boolean force) {
        ManagedFields managers = reconciled(live, before);
        TypedObject merged = new TypedObject(Merge.of(live, config), config.type(), config.apiVersion());
        ManagedFields.Entry last = managers.get(manager);
        FieldSet fields = filter(config.apiVersion()).apply(config.fields());
        ManagedFields applied = managers.with(
                manager, new ManagedFields.Entry(fields, config.apiVersion(), last == null ? null : last.time()));
        TypedObject pruned = last == null ? merged : prune(merged, applied, last, fields);
        Comparison comparison = Comparison.of(live, pruned).filtered(filter(config.apiVersion()));
        return new Applied(pruned, passOn(live, pruned, comparison, applied, manager, force));
    }

    /** Takes from all but one manager what is changed or removed. */
    private ManagedFields passOn(
            TypedObject live,
            TypedObject changed,
            Comparison comparison,
            ManagedFields managers,
            @Nullable Manager except,
            boolean force) {
        Map<String, Comparison> comparisons = new HashMap<>(Map.of(changed.apiVersion(), comparison));
        Map<Manager, FieldSet> conflicts = new LinkedHashMap<>();
        ManagedFields left = managers;
        for (Map.Entry<Manager, ManagedFields.Entry> entry : managers.entries().entrySet()) {
            Manager manager = entry.getKey();
            if (manager.equals(except)) {
                continue;
            }
            String apiVersion = entry.getValue().apiVersion();
            Comparison inVersion = comparisons.get(apiVersion);
            if (inVersion == null) {
                TypedObject liveThere = convert(live, apiVersion);
                TypedObject changedThere = convert(changed, apiVersion);
                if (liveThere == null || changedThere == null) {
                    left = left.without(manager);
                    continue;
                }
                inVersion = Comparison.of(liveThere, changedThere).filtered(filter(apiVersion));
                comparisons.put(apiVersion, inVersion);
            }
            FieldSet fields = entry.getValue().fields();
            FieldSet taken = fields.intersection(inVersion.set());
            if (!taken.isEmpty()) {
                conflicts.put(manager, taken);
            }
            FieldSet kept = fields.difference(taken).difference(inVersion.removed());
            left = left.withFields(manager, entry.getValue(), kept);
        }
        if (!force && !conflicts.isEmpty()) {
            throw Conflict.Conflicts.of(conflicts);
        }
        return left;
    }

    /** The managers, as the schemas have their fields now; without those of versions that are gone. */
    private ManagedFields reconciled(TypedObject live, ManagedFields managers) {
        ManagedFields result = managers;
        for (Map.Entry<Manager, ManagedFields.Entry> entry : managers.entries().entrySet()) {
            ManagedFields.Entry value = entry.getValue();
            Schema schema = versions.schema(value.apiVersion());
            if (schema == null && !value.apiVersion().equals(live.apiVersion())) {
                result = result.without(entry.getKey());
                continue;
            }
            MergeType type = schema == null ? live.type() : MergeType.ofKind(schema);
            result = result.withFields(entry.getKey(), value, value.fields().reconciled(type));
        }
        return result;
    }

    /**
     * Removes what a manager applied last time, and neither it nor anybody else has now.
     *
     * @param last what the manager had
     * @param fields what it applies now
     */
    private TypedObject prune(TypedObject merged, ManagedFields managers, ManagedFields.Entry last, FieldSet fields) {
        TypedObject before = last.fields().isEmpty() ? null : convert(merged, last.apiVersion());
        if (before == null) {
            return merged;
        }
        FieldSet lastFields = last.fields().withDeclaredFields(before.type());
        Map<String, FieldSet> owned = owned(managers, merged.apiVersion(), fields);
        FieldSet all = declared(before);
        boolean oneVersion = owned.size() == 1 && last.apiVersion().equals(merged.apiVersion());
        if (oneVersion && lastFields.staysWhole(fields.withDeclaredFields(before.type()), all)) {
            // It gave nothing up, which is what most applies do; below, all would be taken out and put back.
            return merged;
        }
        TypedObject pruned = removal.of(before, lastFields);
        pruned = withOwned(before, all, pruned, owned, last.apiVersion());
        TypedObject inLastVersion = convert(pruned, last.apiVersion());
        if (inLastVersion == null) {
            return merged;
        }
        FieldSet gone = all.difference(declared(inLastVersion)).intersection(lastFields);
        TypedObject result = convert(removal.of(before, gone), merged.apiVersion());
        return result == null ? merged : result;
    }

    /** All fields that somebody has, by version. */
    private static Map<String, FieldSet> owned(ManagedFields managers, String apiVersion, FieldSet fields) {
        Map<String, FieldSet> owned = new LinkedHashMap<>(Map.of(apiVersion, fields));
        managers.entries().values().forEach(entry -> owned.merge(entry.apiVersion(), entry.fields(), FieldSet::union));
        return owned;
    }

    /**
     * Puts back what somebody has; first in the version in which it was removed, which the others may depend on.
     *
     * @param fields those of the object before
     */
    @SuppressWarnings("ReferenceEquality") // a short cut for the version in which all is known
    private TypedObject withOwned(
            TypedObject before, FieldSet fields, TypedObject pruned, Map<String, FieldSet> owned, String firstVersion) {
        List<String> order = new ArrayList<>(owned.keySet());
        if (order.remove(firstVersion)) {
            order.addFirst(firstVersion);
        }
        TypedObject all = before;
        TypedObject left = pruned;
        for (String apiVersion : order) {
            TypedObject allThere = convert(all, apiVersion);
            TypedObject leftThere = convert(left, apiVersion);
            if (allThere == null || leftThere == null) {
                continue;
            }
            FieldSet ownedThere = owned.getOrDefault(apiVersion, FieldSet.EMPTY).withDeclaredFields(allThere.type());
            FieldSet there = allThere == before ? fields : declared(allThere);
            FieldSet gone = there.difference(declared(leftThere).union(ownedThere));
            all = allThere;
            left = removal.of(allThere, gone);
        }
        return left;
    }

    private static FieldSet declared(TypedObject object) {
        return object.fields().withDeclaredFields(object.type());
    }
}
