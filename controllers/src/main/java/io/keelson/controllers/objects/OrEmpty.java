package io.keelson.controllers.objects;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Fields that are not there, as what they mean. */
public final class OrEmpty {
    private OrEmpty() {}

    /** A list; none is an empty one. */
    public static <T> List<T> of(@Nullable List<T> list) {
        return list == null ? List.of() : list;
    }

    /** A map; none is an empty one. */
    public static <K, V> Map<K, V> of(@Nullable Map<K, V> map) {
        return map == null ? Map.of() : map;
    }

    /** A number; none is 0. */
    public static int of(@Nullable Integer number) {
        return number == null ? 0 : number;
    }

    /** A truth; none is false. */
    public static boolean of(@Nullable Boolean truth) {
        return truth != null && truth;
    }

    /** A word; none is empty. */
    public static String of(@Nullable String word) {
        return word == null ? "" : word;
    }
}
