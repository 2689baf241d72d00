package io.keelson.apiserver.kinds.core;

import io.keelson.apiserver.object.GoText;
import io.keelson.apiserver.validation.Place;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Pattern;

/** What is wrong with the features that a node declares: each has a name, and they stand there once each, in order. */
final class DeclaredFeatureRules {
    private static final int NAME_BYTES_MAX = 253;
    private static final Pattern NAME = Pattern.compile("[A-Z][a-zA-Z0-9]*(/[a-zA-Z][a-zA-Z0-9]*)*");

    private DeclaredFeatureRules() {}

    static void validate(Place features) {
        List<Place> all = features.items();
        for (int i = 0; i < all.size(); i++) {
            all.get(i).check(DeclaredFeatureRules::name);
            if (i + 1 < all.size()) {
                standsBefore(all.get(i), all.get(i + 1));
            }
        }
    }

    private static void standsBefore(Place feature, Place next) {
        int order = GoText.compare(feature.text(), next.text());
        if (order == 0) {
            next.duplicate();
        } else if (order > 0) {
            next.invalid("list must be sorted alphabetically");
        }
    }

    private static List<String> name(String name) {
        String invalid = "invalid feature name " + GoText.quoted(name) + ": ";
        if (name.getBytes(StandardCharsets.UTF_8).length > NAME_BYTES_MAX) {
            return List.of(invalid + "must be no more than " + NAME_BYTES_MAX + " characters");
        }
        return NAME.matcher(name).matches()
                ? List.of()
                : List.of(
                        invalid + "must start with an UpperCamelCase segment, with subsequent segments separated by '/'"
                                + " (e.g., MyFeature or MyFeature/mySubFeature), and contain only alphanumeric characters and"
                                + " slashes");
    }
}
