package io.keelson.apiserver.admission.podsecurity;

import java.util.Set;

/**
 * Who is not held to any standard.
 *
 * @param users who write, by name
 * @param runtimeClasses of pods
 */
record Exemptions(Set<String> users, Set<String> namespaces, Set<String> runtimeClasses) {
    static final Exemptions NONE = new Exemptions(Set.of(), Set.of(), Set.of());

    Exemptions {
        users = Set.copyOf(users);
        namespaces = Set.copyOf(namespaces);
        runtimeClasses = Set.copyOf(runtimeClasses);
    }
}
