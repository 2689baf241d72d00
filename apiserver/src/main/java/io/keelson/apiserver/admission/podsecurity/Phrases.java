package io.keelson.apiserver.admission.podsecurity;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** Parts of the sentences in which findings are told. */
final class Phrases {
    private Phrases() {}

    static String quoted(Collection<String> names) {
        return "\"" + String.join("\", \"", names) + "\"";
    }

    static String plural(String one, int count) {
        return count == 1 ? one : one + "s";
    }

    /** {@code container "a"}, {@code containers "a", "b"}. */
    static String named(String one, Collection<String> names) {
        return plural(one, names.size()) + " " + quoted(names);
    }

    /** {@code pod and container "a"}: who sets something; empty if nobody does. */
    static String setters(boolean pod, List<String> containers) {
        List<String> setters = new ArrayList<>();
        if (pod) {
            setters.add("pod");
        }
        if (!containers.isEmpty()) {
            setters.add(named("container", containers));
        }
        return String.join(" and ", setters);
    }
}
