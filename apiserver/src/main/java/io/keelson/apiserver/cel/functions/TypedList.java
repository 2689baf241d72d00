package io.keelson.apiserver.cel.functions;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A list whose schema is known. One that is a set, or whose elements have keys, is equal to another that has the same
 * elements in another order, and adding to it replaces what is there already.
 */
public interface TypedList extends List<Object> {
    /** What the elements of an empty list add up to. */
    Object zero();

    /** Whether the order of elements says nothing. */
    boolean isUnordered();

    /** What makes an element, of this list or one to be compared with it, the same element; only if it is unordered. */
    Object identity(Object element);

    /** Whether another list has the same elements. */
    default boolean hasAll(Collection<?> others) {
        if (size() != others.size()) {
            return false;
        }
        Map<Object, Object> known = new LinkedHashMap<>();
        forEach(element -> known.put(identity(element), element));
        for (Object other : others) {
            Object element = known.get(identity(other));
            if (element == null || !Sameness.same(element, other)) {
                return false;
            }
        }
        return true;
    }

    /** The elements of this list, and those of another, which take the place of the same elements here. */
    default List<Object> with(Collection<?> others) {
        Map<Object, Object> all = new LinkedHashMap<>();
        forEach(element -> all.put(identity(element), element));
        others.forEach(element -> all.put(identity(element), element));
        return new ArrayList<>(all.values());
    }
}
