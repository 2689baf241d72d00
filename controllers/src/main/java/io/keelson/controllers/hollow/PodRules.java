package io.keelson.controllers.hollow;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.Pod;
import io.keelson.controllers.objects.GoDuration;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.Selectors;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Rules for pods; the first one that fits counts. After a user's own come two: pods of Jobs run for five seconds and succeed,
 * all others run until they are deleted.
 *
 * <pre>
 * rules:
 * - match:
 *     namespaces: [batch]
 *     selector:
 *       matchLabels: {app: report}
 *     images: ["registry.example/report:*"]
 *     owners: [Job]
 *   runningAfter: 2s
 *   readyAfter: 500ms
 *   exit:
 *     after: 1m
 *     code: 1
 *   stopAfter: 3s
 *   jitter: 0.2
 *   usage:
 *     cpu: {from: 100m, to: 900m, period: 1h}
 *     memory: 64Mi
 * </pre>
 *
 * <p>Everything may be left out. A container that exits is started again if the pod's restart policy says so, later each
 * time; if not, the pod has succeeded with code 0 and failed with another. What
 * pods use is a {@link UsageCurve}; it is told to those who ask for metrics, and has no other effect.
 *
 * @param seed what the jitter is drawn from: pods of the same names have the same luck with the same seed
 */
public record PodRules(List<PodRule> rules, long seed) {
    private static final YAMLMapper YAML = YAMLMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();
    private static final Duration RUNNING_AFTER = Duration.ofMillis(500);
    private static final Duration STOP_AFTER = Duration.ofMillis(500);
    private static final double JITTER = 0.2;
    private static final PodRule.Choice ALL = new PodRule.Choice(List.of(), labels -> true, List.of(), List.of());
    private static final List<PodRule> DEFAULTS = List.of(
            new PodRule(
                    new PodRule.Choice(List.of(), labels -> true, List.of(), List.of("Job")),
                    RUNNING_AFTER,
                    Duration.ZERO,
                    new PodRule.Exit(Duration.ofSeconds(5), 0),
                    STOP_AFTER,
                    JITTER,
                    UsageCurve.DEFAULTS),
            new PodRule(ALL, RUNNING_AFTER, Duration.ZERO, null, STOP_AFTER, JITTER, UsageCurve.DEFAULTS));

    /** The file. */
    record Document(@Nullable List<Rule> rules) {}

    /** A rule as it is written. */
    record Rule(
            @Nullable Match match,
            @Nullable String runningAfter,
            @Nullable String readyAfter,
            @Nullable Exit exit,
            @Nullable String stopAfter,
            @Nullable Double jitter,
            @Nullable JsonNode usage) {}

    /** Which pods, as it is written. */
    record Match(
            @Nullable List<String> namespaces,
            @Nullable LabelSelector selector,
            @Nullable List<String> images,
            @Nullable List<String> owners) {}

    /** An exit as it is written. */
    record Exit(@Nullable String after, @Nullable Integer code) {}

    public PodRules {
        rules = List.copyOf(rules);
    }

    /** The rules that count if a user has none. */
    public static PodRules defaults(long seed) {
        return new PodRules(DEFAULTS, seed);
    }

    /**
     * Reads rules.
     *
     * @throws IllegalArgumentException if they cannot be read; the message says which rule
     */
    public static PodRules parse(String yaml, long seed) {
        Document document;
        try {
            document = YAML.readValue(yaml, Document.class);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("rules cannot be read: " + e.getOriginalMessage(), e);
        }
        List<PodRule> rules = new ArrayList<>();
        int number = 0;
        for (Rule rule : OrEmpty.of(document == null ? null : document.rules())) {
            try {
                rules.add(rule(rule));
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException("rules[" + number + "]: " + e.getMessage(), e);
            }
            number++;
        }
        rules.addAll(DEFAULTS);
        return new PodRules(rules, seed);
    }

    private static PodRule rule(@Nullable Rule rule) {
        if (rule == null) {
            throw new IllegalArgumentException("is empty");
        }
        double jitter = rule.jitter() == null ? JITTER : rule.jitter();
        if (!(jitter >= 0 && jitter <= 1)) {
            throw new IllegalArgumentException("jitter must be 0 to 1, not " + jitter);
        }
        return new PodRule(
                choice(rule.match()),
                duration(rule.runningAfter(), RUNNING_AFTER),
                duration(rule.readyAfter(), Duration.ZERO),
                exit(rule.exit()),
                duration(rule.stopAfter(), STOP_AFTER),
                jitter,
                UsageCurve.parse(rule.usage()));
    }

    private static PodRule.Choice choice(@Nullable Match match) {
        if (match == null) {
            return ALL;
        }
        LabelSelector selector = match.selector();
        return new PodRule.Choice(
                List.copyOf(OrEmpty.of(match.namespaces())),
                selector == null ? labels -> true : Selectors.of(selector),
                OrEmpty.of(match.images()).stream().map(PodRules::pattern).toList(),
                List.copyOf(OrEmpty.of(match.owners())));
    }

    private static Pattern pattern(String image) {
        return Pattern.compile(Arrays.stream(image.split("\\*", -1))
                .map(part -> part.isEmpty() ? "" : Pattern.quote(part))
                .collect(Collectors.joining(".*")));
    }

    private static PodRule.@Nullable Exit exit(@Nullable Exit exit) {
        if (exit == null) {
            return null;
        }
        int code = OrEmpty.of(exit.code());
        if (code < 0 || code > 255) {
            throw new IllegalArgumentException("an exit code is 0 to 255, not " + code);
        }
        return new PodRule.Exit(duration(exit.after(), Duration.ZERO), code);
    }

    private static Duration duration(@Nullable String text, Duration otherwise) {
        return text == null ? otherwise : GoDuration.length(text);
    }

    /** The number of the first rule that fits; the last one fits all. */
    int match(Pod pod) {
        for (int i = 0; i < rules.size() - 1; i++) {
            if (rules.get(i).choice().matches(pod)) {
                return i;
            }
        }
        return rules.size() - 1;
    }

    /**
     * How long something takes for a pod: as the rule says, more or less.
     *
     * @param what what takes so long: each thing has luck of its own
     */
    Duration drawn(Duration about, double jitter, String what) {
        if (jitter == 0) {
            return about;
        }
        // The finaliser of SplitMix64: neighbouring names must not have neighbouring luck.
        long bits = seed ^ (0x9e3779b97f4a7c15L * what.hashCode());
        bits = (bits ^ (bits >>> 30)) * 0xbf58476d1ce4e5b9L;
        bits = (bits ^ (bits >>> 27)) * 0x94d049bb133111ebL;
        bits ^= bits >>> 31;
        double between = (bits >>> 11) * 0x1.0p-53;
        return Duration.ofMillis(Math.round(about.toMillis() * (1 + jitter * (2 * between - 1))));
    }
}
