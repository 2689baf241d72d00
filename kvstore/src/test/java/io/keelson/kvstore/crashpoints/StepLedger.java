package io.keelson.kvstore.crashpoints;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * Which steps there are, and how often the member has crashed at each. The next one to be tried is one of those met least; one
 * that was tried and not reached counts half as much as one that was met, so that a step that is seldom reached is tried
 * more often than others and does not keep all others waiting.
 *
 * <p>With a file it goes on from what earlier runs of the same classes met. A line of it is a trial, {@code met PHASE step;}
 * or {@code missed PHASE step;}, and one of those that were met is written only after what the crash left was found right.
 */
final class StepLedger {
    private static final String MET = "met";
    private static final String MISSED = "missed";
    private static final String END = ";";

    /** A step, as {@link CrashAgent} names it; the same call may belong to two phases. */
    record Step(Phase phase, String name) {
        @Override
        public String toString() {
            return phase.title() + ": " + name;
        }
    }

    private static final class Count {
        int met;
        int missed;

        int weight() {
            return 2 * met + missed;
        }
    }

    private final @Nullable Path file;
    private final Map<Step, Count> before = new HashMap<>();
    private final Map<Step, Count> counts = new LinkedHashMap<>();

    /** @param file where it is kept; made if it is not there */
    StepLedger(@Nullable Path file) throws IOException {
        this.file = file;
        if (file != null && Files.exists(file)) {
            for (String line : Files.readAllLines(file)) {
                read(line);
            }
        }
    }

    /** A line that was cut off when its run ended says nothing. */
    private void read(String line) {
        String[] words = line.split(" ", 3);
        if (words.length == 3 && line.endsWith(END)) {
            String name = words[2].substring(0, words[2].length() - END.length());
            Count count = before.computeIfAbsent(new Step(Phase.valueOf(words[1]), name), _ -> new Count());
            if (words[0].equals(MET)) {
                count.met++;
            } else {
                count.missed++;
            }
        }
    }

    private void write(String word, Step step) throws IOException {
        if (file != null) {
            String line = word + " " + step.phase() + " " + step.name() + END + "\n";
            Files.writeString(file, line, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        }
    }

    /** Takes in the steps of a phase. */
    void learned(Phase phase, Collection<String> names) {
        for (String name : names.stream().sorted().toList()) {
            Step step = new Step(phase, name);
            Count known = before.getOrDefault(step, new Count());
            counts.putIfAbsent(step, known);
        }
    }

    /** The next one to be tried. */
    Step next(SplittableRandom random) {
        int least = counts.values().stream().mapToInt(Count::weight).min().orElseThrow();
        List<Step> candidates = new ArrayList<>();
        counts.forEach((step, count) -> {
            if (count.weight() == least) {
                candidates.add(step);
            }
        });
        return candidates.get(random.nextInt(candidates.size()));
    }

    private Count count(Step step) {
        Count count = counts.get(step);
        if (count == null) {
            throw new IllegalArgumentException(step + " was not learned");
        }
        return count;
    }

    void met(Step step) {
        count(step).met++;
    }

    /** What a crash there left was judged and found right. */
    void verified(Step step) throws IOException {
        write(MET, step);
    }

    void missed(Step step) throws IOException {
        count(step).missed++;
        write(MISSED, step);
    }

    int timesMet(Step step) {
        return count(step).met;
    }

    int timesMissed(Step step) {
        return count(step).missed;
    }

    /** Those at which the member has never crashed. */
    List<Step> neverMet() {
        return counts.entrySet().stream()
                .filter(entry -> entry.getValue().met == 0)
                .map(Map.Entry::getKey)
                .toList();
    }

    /** A line on each phase: its steps, how many were met, and how often the least met one and all of them. */
    List<String> summary() {
        List<String> lines = new ArrayList<>();
        for (Phase phase : Phase.values()) {
            List<Count> ofPhase = counts.entrySet().stream()
                    .filter(entry -> entry.getKey().phase() == phase)
                    .map(Map.Entry::getValue)
                    .toList();
            if (!ofPhase.isEmpty()) {
                lines.add(String.format(
                        "%s: %,d crashes at %,d of %,d steps, at least %d at each; %,d times a step was not reached",
                        phase.title(),
                        ofPhase.stream().mapToInt(count -> count.met).sum(),
                        ofPhase.stream().filter(count -> count.met > 0).count(),
                        ofPhase.size(),
                        ofPhase.stream().mapToInt(count -> count.met).min().orElse(0),
                        ofPhase.stream().mapToInt(count -> count.missed).sum()));
            }
        }
        return lines;
    }

    /** A line on each step, the least met first. */
    List<String> table() {
        return counts.entrySet().stream()
                .sorted(Comparator.comparingInt(entry -> entry.getValue().met))
                .map(entry -> String.format(
                        "%4d met, %4d not reached  %s", entry.getValue().met, entry.getValue().missed, entry.getKey()))
                .toList();
    }

    int size() {
        return counts.size();
    }
}
