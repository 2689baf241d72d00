package io.keelson.kvstore.crashpoints;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Which steps there are, and how often each was met: by an image of the member's files that was made there, or by a crash.
 *
 * <p>A step is known once it was seen, which may be at any time. With a file it goes on from what earlier runs knew. The first
 * line of it tells its version; another is {@code seen PHASE step;}, {@code image PHASE step;} or {@code crash PHASE step;},
 * and what was met is written only after what is left of the member was found right. Any thread.
 */
final class StepLedger {
    private static final String VERSION = "crash points 2";
    private static final String SEEN = "seen";
    private static final String END = ";";

    /** How a step is met. */
    enum Kind {
        IMAGE,
        CRASH;

        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** A step, as {@link Instrumentation} names it; the same call may belong to two phases. */
    record Step(Phase phase, String name) {
        @Override
        public String toString() {
            return phase.title() + ": " + name;
        }
    }

    private static final class Count {
        final Map<Kind, Integer> met = new EnumMap<>(Kind.class);
        final Map<Kind, Integer> right = new EnumMap<>(Kind.class);

        int met() {
            return met.values().stream().mapToInt(times -> times).sum();
        }

        int met(Kind kind) {
            return met.getOrDefault(kind, 0);
        }
    }

    private final @Nullable Path file;
    private final Map<Step, Map<Kind, Integer>> before = new LinkedHashMap<>();
    private final Map<Step, Count> counts = new LinkedHashMap<>();
    private final Map<Phase, Set<String>> calls = new TreeMap<>();

    /**
     * @param file where it is kept; made if it is not there
     * @throws IOException if it cannot be read, or is of another version
     */
    StepLedger(@Nullable Path file) throws IOException {
        this.file = file;
        if (file == null) {
            return;
        }
        if (!Files.exists(file)) {
            Files.writeString(file, VERSION + "\n");
            return;
        }
        List<String> lines = Files.readAllLines(file);
        if (lines.isEmpty() || !lines.getFirst().equals(VERSION)) {
            throw new IOException(file + " is no ledger of this version, which begins with the line \"" + VERSION
                    + "\": remove it, or name another file");
        }
        lines.subList(1, lines.size()).forEach(this::read);
    }

    /** A line that was cut off when its run ended says nothing. */
    private void read(String line) {
        String[] words = line.split(" ", 3);
        if (words.length == 3 && line.endsWith(END)) {
            String name = words[2].substring(0, words[2].length() - END.length());
            Map<Kind, Integer> met =
                    before.computeIfAbsent(new Step(Phase.valueOf(words[1]), name), _ -> new EnumMap<>(Kind.class));
            for (Kind kind : Kind.values()) {
                if (words[0].equals(kind.word())) {
                    met.merge(kind, 1, Integer::sum);
                }
            }
        }
    }

    private void write(String word, Step step) throws IOException {
        if (file != null) {
            String line = word + " " + step.phase() + " " + step.name() + END + "\n";
            Files.writeString(file, line, StandardOpenOption.APPEND);
        }
    }

    /**
     * Takes in a phase with what earlier runs knew of it.
     *
     * @param names all calls in its code; what the file says of others is of other classes, and forgotten
     */
    synchronized void begin(Phase phase, Collection<String> names) {
        calls.put(phase, new TreeSet<>(names));
        before.forEach((step, met) -> {
            if (step.phase() == phase && names.contains(step.name())) {
                count(step).met.putAll(met);
                count(step).right.putAll(met);
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
    synchronized void seen(Step step) throws IOException {
        if (!counts.containsKey(step)) {
            var _ = count(step);
            write(SEEN, step);
        }
    }

    /** An image was made there, or the member crashed there. */
    synchronized void met(Step step, Kind kind) throws IOException {
        seen(step);
        count(step).met.merge(kind, 1, Integer::sum);
    }

    /** What is left of the member there was judged and found right. */
    synchronized void right(Step step, Kind kind) throws IOException {
        count(step).right.merge(kind, 1, Integer::sum);
        write(kind.word(), step);
    }

    /**
     * The phase to go on with: with a chance in proportion to what there is to do in each, where a step counts the less the
     * more often it was met. A step that never comes so holds up its own phase only, and that a little.
     */
    synchronized Phase next(SplittableRandom random) {
        Map<Phase, Double> weights = new TreeMap<>();
        calls.keySet().forEach(phase -> weights.put(phase, 3.0));
        counts.forEach((step, count) ->
                weights.merge(step.phase(), 1.0 / ((1 + count.met()) * (1 + count.met())), Double::sum));
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

    /** The steps of a phase that were met least often in one way. */
    synchronized List<Step> least(Phase phase, Kind kind) {
        TreeMap<Integer, List<Step>> levels = new TreeMap<>();
        counts.forEach((step, count) -> {
            if (step.phase() == phase) {
                levels.computeIfAbsent(count.met(kind), _ -> new ArrayList<>()).add(step);
            }
        });
        return levels.isEmpty() ? List.of() : List.copyOf(levels.firstEntry().getValue());
    }

    /** Some steps of a phase, those first that were met least often, whatever the way; of the same times, drawn ones. */
    synchronized List<Step> leastMet(Phase phase, int atMost, Predicate<Step> among, SplittableRandom random) {
        Map<Step, Long> order = new HashMap<>();
        counts.forEach((step, count) -> {
            if (step.phase() == phase && among.test(step)) {
                order.put(step, ((long) count.met() << Integer.SIZE) + random.nextInt(Integer.MAX_VALUE));
            }
        });
        return order.entrySet().stream()
                .sorted(Map.Entry.comparingByValue())
                .limit(atMost)
                .map(Map.Entry::getKey)
                .toList();
    }

    /** How often a step was met in a way; 0, too, if nobody has seen it. */
    synchronized int times(Step step, Kind kind) {
        Count count = counts.get(step);
        return count == null ? 0 : count.met(kind);
    }

    /** The calls of a phase that nobody has seen made. */
    synchronized Set<String> unseen(Phase phase) {
        Set<String> unseen = new HashSet<>(calls.getOrDefault(phase, Set.of()));
        unseen.removeIf(name -> counts.containsKey(new Step(phase, name)));
        return unseen;
    }

    /** The steps that were seen, and met less often than this, in any way. */
    synchronized List<Step> metLessThan(int times) {
        return counts.entrySet().stream()
                .filter(entry -> entry.getValue().met() < times)
                .map(Map.Entry::getKey)
                .toList();
    }

    /** A line on each phase: its steps, and how often they were met. */
    synchronized List<String> summary() {
        return calls.keySet().stream().map(this::summary).toList();
    }

    /** The same as a few words on each. */
    synchronized String brief() {
        return calls.keySet().stream()
                .map(phase -> {
                    List<Integer> met = counts.entrySet().stream()
                            .filter(entry -> entry.getKey().phase() == phase)
                            .map(entry -> entry.getValue().met())
                            .sorted()
                            .toList();
                    return String.format(
                            Locale.ROOT,
                            "%s %,d of %,d, half of them %d times",
                            phase.title(),
                            met.stream().filter(times -> times > 0).count(),
                            met.size(),
                            met.isEmpty() ? 0 : met.get(met.size() / 2));
                })
                .collect(Collectors.joining("; "));
    }

    private String summary(Phase phase) {
        List<Count> those = counts.entrySet().stream()
                .filter(entry -> entry.getKey().phase() == phase)
                .map(Map.Entry::getValue)
                .toList();
        List<Integer> met = those.stream().map(Count::met).sorted().toList();
        return String.format(
                Locale.ROOT,
                "%s: %,d steps, each met at least %d times, half of them %d times or more; %,d never met; right were"
                        + " %,d images and %,d crashes; %,d calls in its code were not seen",
                phase.title(),
                met.size(),
                met.isEmpty() ? 0 : met.getFirst(),
                met.isEmpty() ? 0 : met.get(met.size() / 2),
                met.stream().filter(times -> times == 0).count(),
                right(those, Kind.IMAGE),
                right(those, Kind.CRASH),
                unseen(phase).size());
    }

    private static int right(List<Count> counts, Kind kind) {
        return counts.stream()
                .mapToInt(count -> count.right.getOrDefault(kind, 0))
                .sum();
    }

    /** A line on each step, the least met first. */
    synchronized List<String> table() {
        return counts.entrySet().stream()
                .sorted(Comparator.comparingInt(entry -> entry.getValue().met()))
                .map(entry -> String.format(
                        Locale.ROOT,
                        "%4d images, %4d crashes  %s",
                        entry.getValue().met(Kind.IMAGE),
                        entry.getValue().met(Kind.CRASH),
                        entry.getKey()))
                .toList();
    }

    synchronized int size() {
        return counts.size();
    }
}
