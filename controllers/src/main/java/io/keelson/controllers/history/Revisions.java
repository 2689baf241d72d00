package io.keelson.controllers.history;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.apps.ControllerRevision;
import io.fabric8.kubernetes.api.model.apps.ControllerRevisionBuilder;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.Owners;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Computes with revisions. Lists of them go from the lowest number to the highest. */
public final class Revisions {
    /** How many old revisions are kept where nothing says it. */
    public static final int LIMIT_DEFAULT = 10;

    /** So that the name has room for a hash. */
    private static final int PREFIX_MAX = 223;

    private static final Comparator<ControllerRevision> BY_NUMBER = Comparator.comparingLong(Revisions::number)
            .thenComparing(revision -> OrEmpty.of(revision.getMetadata().getCreationTimestamp()))
            .thenComparing(revision -> revision.getMetadata().getName());

    private Revisions() {}

    /** The number of a revision. */
    public static long number(ControllerRevision revision) {
        Long number = revision.getRevision();
        return number == null ? 0 : number;
    }

    /** Revisions by number; those of one number by age, then by name. */
    public static List<ControllerRevision> sorted(Collection<ControllerRevision> revisions) {
        return revisions.stream().sorted(BY_NUMBER).toList();
    }

    /** The number of the next revision: one more than the highest, 1 for the first. */
    public static long next(List<ControllerRevision> revisions) {
        return revisions.stream().mapToLong(Revisions::number).max().orElse(0) + 1;
    }

    /** The latest revision of a content; null if there is none. */
    public static @Nullable ControllerRevision latest(List<ControllerRevision> revisions, RevisionContent content) {
        for (ControllerRevision revision : revisions.reversed()) {
            if (RevisionContent.of(revision).equals(content)) {
                return revision;
            }
        }
        return null;
    }

    /** A revision by its name; null if there is none. */
    public static @Nullable ControllerRevision named(List<ControllerRevision> revisions, @Nullable String name) {
        for (ControllerRevision revision : revisions) {
            if (revision.getMetadata().getName().equals(name)) {
                return revision;
            }
        }
        return null;
    }

    /**
     * The revisions that are more than a limit allows, the oldest first.
     *
     * @param live those that are in use; they are never too many
     * @param count how many are too many; none if negative
     */
    public static List<ControllerRevision> oldest(
            List<ControllerRevision> revisions, Predicate<ControllerRevision> live, int count) {
        return revisions.stream()
                .filter(revision -> !live.test(revision))
                .limit(Math.max(0, count))
                .toList();
    }

    /**
     * A revision of a template, for the API to create. It has the labels of the template and the annotations of its owner.
     *
     * @param hashLabel the label that holds the hash of the content
     * @param collisions how often the hash was that of another content
     */
    public static ControllerRevision draft(
            HasMetadata owner, PodTemplateSpec template, String hashLabel, long number, int collisions) {
        RevisionContent content = RevisionContent.of(template);
        String hash = content.hash(collisions);
        Map<String, String> labels = new LinkedHashMap<>();
        if (template.getMetadata() != null) {
            labels.putAll(OrEmpty.of(template.getMetadata().getLabels()));
        }
        labels.put(hashLabel, hash);
        String name = owner.getMetadata().getName();
        String prefix = name.length() > PREFIX_MAX ? name.substring(0, PREFIX_MAX) : name;
        return new ControllerRevisionBuilder()
                .withNewMetadata()
                .withName(prefix + '-' + hash)
                .withNamespace(owner.getMetadata().getNamespace())
                .withLabels(labels)
                .withAnnotations(OrEmpty.of(owner.getMetadata().getAnnotations()))
                .withOwnerReferences(Owners.controllerReference(owner))
                .endMetadata()
                .withData(content.data())
                .withRevision(number)
                .build();
    }
}
