package io.keelson.controllers.namespace;

import io.fabric8.kubernetes.api.model.NamespaceCondition;
import io.fabric8.kubernetes.api.model.NamespaceConditionBuilder;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a namespace that ends says of itself: five conditions, each of which is {@code True} if something is in the way.
 */
enum DeletionConditions {
    DISCOVERY(
            "NamespaceDeletionDiscoveryFailure",
            "ResourcesDiscovered",
            "All resources successfully discovered",
            "DiscoveryFailed") {
        @Override
        @Nullable
        String trouble(Outlook outlook) {
            return outlook.discoveryFailure();
        }
    },
    VERSIONS(
            "NamespaceDeletionGroupVersionParsingFailure",
            "ParsedGroupVersions",
            "All legacy kube types successfully parsed",
            "GroupVersionParsingFailed") {
        @Override
        @Nullable
        String trouble(Outlook outlook) {
            return outlook.malformedVersions();
        }
    },
    CONTENT(
            "NamespaceDeletionContentFailure",
            "ContentDeleted",
            "All content successfully deleted, may be waiting on finalization",
            "ContentDeletionFailed") {
        @Override
        @Nullable
        String trouble(Outlook outlook) {
            return outlook.failures().isEmpty()
                    ? null
                    : "Failed to delete all resource types, "
                            + outlook.failures().size() + " remaining: "
                            + outlook.failures().stream().sorted().collect(Collectors.joining(", "));
        }
    },
    REMAINING(
            "NamespaceContentRemaining", "ContentRemoved", "All content successfully removed", "SomeResourcesRemain") {
        @Override
        @Nullable
        String trouble(Outlook outlook) {
            return list("Some resources are remaining: ", outlook.remaining(), " has ");
        }
    },
    FINALIZERS(
            "NamespaceFinalizersRemaining",
            "ContentHasNoFinalizers",
            "All content-preserving finalizers finished",
            "SomeFinalizersRemain") {
        @Override
        @Nullable
        String trouble(Outlook outlook) {
            return list("Some content in the namespace has finalizers remaining: ", outlook.finalizers(), " in ");
        }
    };

    private final String type;
    private final String fine;
    private final String fineMessage;
    private final String wrong;

    DeletionConditions(String type, String fine, String fineMessage, String wrong) {
        this.type = type;
        this.fine = fine;
        this.fineMessage = fineMessage;
        this.wrong = wrong;
    }

    /** What is in the way, in words; null if nothing is. */
    abstract @Nullable String trouble(Outlook outlook);

    private static @Nullable String list(String before, Map<String, Integer> counts, String between) {
        return counts.isEmpty()
                ? null
                : counts.entrySet().stream()
                        .map(count -> count.getKey() + between + count.getValue() + " resource instances")
                        .sorted()
                        .collect(Collectors.joining(", ", before, ""));
    }

    /** The conditions after a look: those of before, with these five in their place or at the end. */
    static List<NamespaceCondition> after(List<NamespaceCondition> before, Outlook outlook, Instant now) {
        Map<String, NamespaceCondition> news = new HashMap<>();
        for (DeletionConditions condition : values()) {
            NamespaceCondition old = before.stream()
                    .filter(one -> condition.type.equals(one.getType()))
                    .findFirst()
                    .orElse(null);
            news.put(condition.type, condition.after(old, outlook, now));
        }
        List<NamespaceCondition> after = new ArrayList<>();
        for (NamespaceCondition old : before) {
            NamespaceCondition replaced = news.remove(old.getType());
            after.add(replaced == null ? old : replaced);
        }
        for (DeletionConditions condition : values()) {
            NamespaceCondition added = news.get(condition.type);
            if (added != null) {
                after.add(added);
            }
        }
        return after;
    }

    private NamespaceCondition after(@Nullable NamespaceCondition old, Outlook outlook, Instant now) {
        String trouble = trouble(outlook);
        String status = trouble == null ? "False" : "True";
        String since = old != null && status.equals(old.getStatus()) ? old.getLastTransitionTime() : null;
        return new NamespaceConditionBuilder()
                .withType(type)
                .withStatus(status)
                .withLastTransitionTime(
                        since == null ? now.truncatedTo(ChronoUnit.SECONDS).toString() : since)
                .withReason(trouble == null ? fine : wrong)
                .withMessage(trouble == null ? fineMessage : trouble)
                .build();
    }
}
