package io.keelson.kvstore.crashpoints;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Which steps there are, and how often the member has crashed at each. A trial is for a phase: all its steps that were met
 * least often are armed together, and whichever comes first is met. So a step that comes seldom is met whenever it comes once
 * only such are left, and it keeps no other waiting.
 *
 * <p>A step is known once it was seen, which may be at any time. With a file it goes on from what earlier runs knew. A line of it
 * is {@code seen PHASE step;} or {@code met PHASE step;}, and what was met is written only after what the crash left was
 * found right.
 */
final class StepLedger {
    private static final String SEEN = "seen";
    private static final String MET = "met";
    private static final String END = ";";

    /** A step, as {@link Instrumentation} names it; the same call may belong to two phases. */
    record Step(Phase phase, String name) {
        @Override
        public String toString() {
            return phase.title() + ": " + name;
        }
    }

    private static final class Count {
        int met;
        /** In how many trials it was one of those that were waited for, in vain. */
        int awaited;
    }

    private final @Nullable Path file;
    private final Map<Step, Integer> metBefore = new LinkedHashMap<>();
    private final Map<Step, Count> counts = new LinkedHashMap<>();
    private final Map<Phase, Set<String>> calls = new TreeMap<>();

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
            metBefore.merge(new Step(Phase.valueOf(words[1]), name), words[0].equals(MET) ? 1 : 0, Integer::sum);
        }
    }

    private void write(String word, Step step) throws IOException {
        if (file != null) {
            String line = word + " " + step.phase() + " " + step.name() + END + "\n";
            Files.writeString(file, line, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        }
    }

    /**
     * Takes in a phase with what earlier runs knew of it.
     *
     * @param names all calls in its code; what the file says of others is of other classes, and forgotten
     */
    void begin(Phase phase, Collection<String> names) {
        calls.put(phase, new TreeSet<>(names));
        metBefore.forEach((step, met) -> {
            if (step.phase() == phase && names.contains(step.name())) {
                count(step).met = met;
            }
        });
    }

    private Count count(Step step) {
        Set<String> known = calls.get(step.phase());
        if (known == null || !known.contains(step.name())) {
            throw new IllegalArgumentException(step + " is no call in the code of its phase");
        }
        return counts.computeIfAbsent(step, _ -> new Count());
    }

    /** Notes that a step was come by, which makes it one that is to be met. */
    void seen(Step step) throws IOException {
        if (!counts.containsKey(step)) {
            var _ = count(step);
            write(SEEN, step);
        }
    }

    /** The member crashed there. */
    void met(Step step) throws IOException {
        seen(step);
        count(step).met++;
    }

    /** What a crash there left was judged and found right. */
    void verified(Step step) throws IOException {
        write(MET, step);
    }

    /** A trial waited for it in vain. */
    void awaited(Step step) {
        count(step).awaited++;
    }

    /**
     * The phase of the next trial: with a chance in proportion to what there is to do in each, where a step counts the less
     * the more often it was met. A step that never comes so holds up its own phase only, and that a little.
     */
    Phase next(SplittableRandom random) {
        Map<Phase, Double> weights = new TreeMap<>();
        calls.keySet().forEach(phase -> weights.put(phase, 1.0));
        counts.forEach(
                (step, count) -> weights.merge(step.phase(), 1.0 / ((1 + count.met) * (1 + count.met)), Double::sum));
        double left = weights.values().stream().mapToDouble(weight -> weight).sum() * random.nextDouble();
        Phase last = null;
        for (Map.Entry<Phase, Double> entry : weights.entrySet()) {
            last = entry.getKey();
            left -= entry.getValue();
            if (left < 0) {
                return last;
            }
        }
        if (last == null) {
            throw new IllegalStateException("there is no phase");
        }
        return last;
    }

    /** The steps of a phase by how often they were met, the least met first. */
    List<List<Step>> levels(Phase phase) {
        TreeMap<Integer, List<Step>> levels = new TreeMap<>();
        counts.forEach((step, count) -> {
            if (step.phase() == phase) {
                levels.computeIfAbsent(count.met, _ -> new ArrayList<>()).add(step);
            }
        });
        return List.copyOf(levels.values());
    }

    /** The calls of a phase that nobody has seen made. */
    Set<String> unseen(Phase phase) {
        Set<String> unseen = new HashSet<>(calls.getOrDefault(phase, Set.of()));
        unseen.removeIf(name -> counts.containsKey(new Step(phase, name)));
        return unseen;
    }

    int timesMet(Step step) {
        return count(step).met;
    }

    int timesAwaited(Step step) {
        return count(step).awaited;
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
        return calls.keySet().stream()
                .map(phase -> {
                    List<Integer> met = counts.entrySet().stream()
                            .filter(entry -> entry.getKey().phase() == phase)
                            .map(entry -> entry.getValue().met)
                            .toList();
                    return String.format(
                            "%s: %,d crashes at %,d of %,d steps, at %,d of them twice, at least %d at each;"
                                    + " %,d calls in its code were not seen",
                            phase.title(),
                            met.stream().mapToInt(times -> times).sum(),
                            met.stream().filter(times -> times > 0).count(),
                            met.size(),
                            met.stream().filter(times -> times > 1).count(),
                            met.stream().mapToInt(times -> times).min().orElse(0),
                            unseen(phase).size());
                })
                .toList();
    }

    /** A line on each step, the least met first. */
    List<String> table() {
        return counts.entrySet().stream()
                .sorted(Comparator.comparingInt(entry -> entry.getValue().met))
                .map(entry -> String.format(
                        "%4d met, %4d awaited in vain  %s",
                        entry.getValue().met, entry.getValue().awaited, entry.getKey()))
                .toList();
    }

    int size() {
        return counts.size();
    }
}
