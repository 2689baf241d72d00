package io.keelson.apiserver.authn;

import java.util.List;

/** Several reasons as one text, the way the API writes them. */
final class Failures {
    private Failures() {}

    static String text(List<String> failures) {
        List<String> different = failures.stream().distinct().toList();
        return different.size() == 1 ? different.getFirst() : "[" + String.join(", ", different) + "]";
    }
}
