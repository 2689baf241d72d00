package io.keelson.apiserver.authn;

import io.keelson.apiserver.request.ApiRequest;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What there is to say about a token that somebody shows, whether it holds or not.
 *
 * @param warnings for whoever shows it
 * @param notes for the audit log, under keys as {@code plugin.domain/what}
 */
public record Remarks(List<String> warnings, Map<String, String> notes) {
    /** Nothing. */
    public static final Remarks NONE = new Remarks(List.of(), Map.of());

    public Remarks {
        warnings = List.copyOf(warnings);
        notes = Map.copyOf(notes);
    }

    /** A note under a key, and nothing else. */
    static Remarks note(String key, String value) {
        return new Remarks(List.of(), Map.of(key, value));
    }

    /** These and others; under the same key the others count. */
    Remarks and(Remarks others) {
        if (others.equals(NONE)) {
            return this;
        }
        List<String> all = new ArrayList<>(warnings);
        all.addAll(others.warnings);
        Map<String, String> both = new LinkedHashMap<>(notes);
        both.putAll(others.notes);
        return new Remarks(all, both);
    }

    /** Says them. */
    void sayTo(ApiRequest request) {
        warnings.forEach(request::warn);
        notes.forEach(request::noteForAudit);
    }
}
