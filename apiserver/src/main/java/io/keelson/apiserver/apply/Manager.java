package io.keelson.apiserver.apply;

import io.keelson.apiserver.object.GoText;
import io.keelson.apiserver.object.Json;
import java.util.Comparator;

/**
 * Who manages fields: a name, and by which way. One that applies is the same in all versions; one that updates is another
 * in each.
 *
 * @param name of the field manager
 * @param operation by which it sets fields
 * @param apiVersion in which it updates; empty if it applies
 * @param subresource through which it writes; empty for the main resource
 */
public record Manager(String name, Operation operation, String apiVersion, String subresource) {
    /** The order of their identifiers in the original, in which managers are told and merged. */
    static final Comparator<Manager> ORDER = Comparator.comparing(Manager::identifier, GoText::compare);

    /** The longest name, in bytes. */
    private static final int NAME_BYTES_MAX = 128;

    /** How fields are set. */
    public enum Operation {
        APPLY("Apply"),
        UPDATE("Update");

        private final String text;

        Operation(String text) {
            this.text = text;
        }

        public String text() {
            return text;
        }
    }

    static Manager applier(String name, String subresource) {
        return new Manager(orUnknown(name), Operation.APPLY, "", subresource);
    }

    static Manager updater(String name, String apiVersion, String subresource) {
        return new Manager(orUnknown(name), Operation.UPDATE, apiVersion, subresource);
    }

    private static String orUnknown(String name) {
        return name.isEmpty() ? "unknown" : name;
    }

    /**
     * The name of the manager of a request: what it says, or else what its user agent begins with.
     *
     * @param fieldManager parameter of the request; empty if there is none
     * @param userAgent {@code kubectl/v1.36.0 (linux/amd64)}; empty if there is none
     */
    public static String nameOf(String fieldManager, String userAgent) {
        if (!fieldManager.isEmpty()) {
            return fieldManager;
        }
        int slash = userAgent.indexOf('/');
        String product = slash < 0 ? userAgent : userAgent.substring(0, slash);
        StringBuilder name = new StringBuilder();
        int bytes = 0;
        for (int character : product.codePoints().toArray()) {
            boolean printed = GoText.quoted(Character.toString(character)).indexOf('\\') < 0
                    || character == '"'
                    || character == '\\';
            if (!printed) {
                continue;
            }
            bytes += character < 0x80 ? 1 : character < 0x800 ? 2 : character < 0x10000 ? 3 : 4;
            if (bytes > NAME_BYTES_MAX) {
                break;
            }
            name.appendCodePoint(character);
        }
        return name.toString();
    }

    boolean applies() {
        return operation == Operation.APPLY;
    }

    private String identifier() {
        var json = Json.object();
        json.put("manager", name);
        json.put("operation", operation.text);
        if (!apiVersion.isEmpty()) {
            json.put("apiVersion", apiVersion);
        }
        if (!subresource.isEmpty()) {
            json.put("subresource", subresource);
        }
        return Json.text(json);
    }

    /** As conflicts name it: {@code "kubectl" using apps/v1}, {@code "hpa" with subresource "scale" using apps/v1}. */
    String shown() {
        return GoText.quoted(name)
                + (subresource.isEmpty() ? "" : " with subresource " + GoText.quoted(subresource))
                + (applies() ? "" : " using " + apiVersion);
    }
}
