package io.keelson.apiserver.kinds.devices;

import io.keelson.apiserver.validation.Place;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/** Lists that may have so many elements and no more. One that has more is not looked into: that is what the limit is for. */
final class Bounded {
    private Bounded() {}

    /** The elements of a list; none, with a complaint, if there are too many. */
    static List<Place> items(Place list, int max) {
        if (list.size() > max) {
            list.tooMany(max);
            return List.of();
        }
        return list.items();
    }

    /** The values of a map; none, with a complaint, if there are too many. */
    static List<Place> entries(Place map, int max) {
        if (map.size() > max) {
            map.tooMany(max);
            return List.of();
        }
        return map.entries();
    }

    /** Complains about elements of which there was one with the same key before. */
    static void unique(List<Place> items, Function<Place, ?> key) {
        Set<Object> seen = new HashSet<>();
        for (Place item : items) {
            Object own = key.apply(item);
            if (!seen.add(own)) {
                item.duplicate(own);
            }
        }
    }

    /** Complains about a text of more characters. */
    static void length(Place text, int max) {
        if (text.text().length() > max) {
            text.tooLong(max);
        }
    }
}
