package io.keelson.scheduler.devices;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Names that may leave their domain out, which is the driver's then. */
final class QualifiedNames {
    private QualifiedNames() {}

    /** What is under a name, in whichever of the two ways either is written; null if nothing is. */
    static <T> @Nullable T find(Map<String, T> named, String driver, String name) {
        String qualified = qualified(driver, name);
        T found = named.get(qualified);
        return found != null || !qualified.startsWith(driver + '/')
                ? found
                : named.get(qualified.substring(driver.length() + 1));
    }

    /** The name with its domain. */
    static String qualified(String driver, String name) {
        return name.indexOf('/') < 0 ? driver + '/' + name : name;
    }
}
