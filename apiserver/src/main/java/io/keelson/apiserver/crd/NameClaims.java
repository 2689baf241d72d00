package io.keelson.apiserver.crd;

import io.keelson.apiserver.object.GoText;
import io.keelson.apiserver.resource.Resource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Which names are taken in one group: by built-in kinds, and by custom ones that were there first. Plural, singular and
 * short names are one set, kinds and kinds of lists another. For one thread.
 */
final class NameClaims {
    private final Set<String> resources = new HashSet<>();
    private final Set<String> kinds = new HashSet<>();

    /**
     * What came of the names that a definition wants.
     *
     * @param accepted those it gets; where one is taken, it keeps the one it had
     * @param reason of the condition {@code NamesAccepted}
     */
    record Judgement(DefinedNames accepted, boolean free, String reason, String message) {}

    void claim(Resource builtIn) {
        resources.add(builtIn.name().resource());
        resources.add(builtIn.singular());
        resources.addAll(builtIn.shortNames());
        kinds.add(builtIn.kind().kind());
        kinds.add(builtIn.listKind());
    }

    void claim(DefinedNames accepted) {
        resources.add(accepted.plural());
        resources.add(accepted.singular());
        resources.addAll(accepted.shortNames());
        kinds.add(accepted.kind());
        kinds.add(accepted.listKind());
        resources.remove("");
        kinds.remove("");
    }

    /** @param had what was accepted so far, which is claimed already */
    Judgement judge(DefinedNames wanted, DefinedNames had) {
        String reason = "NoConflicts";
        String message = "no conflicts found";
        boolean plural = isFree(wanted.plural(), had.plural(), resources);
        boolean singular = isFree(wanted.singular(), had.singular(), resources);
        List<String> takenShort = new ArrayList<>();
        for (String name : wanted.shortNames()) {
            if (!had.shortNames().contains(name) && resources.contains(name)) {
                takenShort.add(inUse(name));
            }
        }
        boolean kind = isFree(wanted.kind(), had.kind(), kinds);
        boolean listKind = isFree(wanted.listKind(), had.listKind(), kinds);
        // Of several conflicts the last one is told.
        if (!plural) {
            reason = "PluralConflict";
            message = inUse(wanted.plural());
        }
        if (!singular) {
            reason = "SingularConflict";
            message = inUse(wanted.singular());
        }
        if (!takenShort.isEmpty()) {
            reason = "ShortNamesConflict";
            message = takenShort.size() == 1 ? takenShort.getFirst() : "[" + String.join(", ", takenShort) + "]";
        }
        if (!kind) {
            reason = "KindConflict";
            message = inUse(wanted.kind());
        }
        if (!listKind) {
            reason = "ListKindConflict";
            message = inUse(wanted.listKind());
        }
        DefinedNames accepted = new DefinedNames(
                plural ? wanted.plural() : had.plural(),
                singular ? wanted.singular() : had.singular(),
                takenShort.isEmpty() ? wanted.shortNames() : had.shortNames(),
                kind ? wanted.kind() : had.kind(),
                listKind ? wanted.listKind() : had.listKind(),
                wanted.categories());
        boolean free = plural && singular && takenShort.isEmpty() && kind && listKind;
        return new Judgement(accepted, free, reason, message);
    }

    private static boolean isFree(String wanted, String had, Set<String> taken) {
        return wanted.equals(had) || !taken.contains(wanted);
    }

    private static String inUse(String name) {
        return GoText.quoted(name) + " is already in use";
    }
}
