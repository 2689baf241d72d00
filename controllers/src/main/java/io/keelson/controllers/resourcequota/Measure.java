package io.keelson.controllers.resourcequota;

import io.keelson.controllers.objects.Amount;
import java.util.Map;

/**
 * How much objects of a kind use, by the names that quotas limit it by.
 *
 * @param <T> the kind
 */
interface Measure<T> {
    /** Whether it says how much is used of a resource. */
    boolean measures(String resource);

    /** What one object uses; of what is not named it uses nothing. */
    Map<String, Amount> usage(T object);

    /** Whether an object is in a scope. */
    boolean isIn(Scope scope, T object);
}
