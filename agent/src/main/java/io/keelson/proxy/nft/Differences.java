package io.keelson.proxy.nft;

import io.keelson.proxy.rules.ChoiceChain;
import io.keelson.proxy.rules.ElementKey;
import io.keelson.proxy.rules.ElementValue;
import io.keelson.proxy.rules.Family;
import io.keelson.proxy.rules.Octets;
import io.keelson.proxy.rules.TableSet;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** What of a table that is there is not as it has to be. */
final class Differences {
    private static final Pattern CHOICE = Pattern.compile(
            "(?:cluster|local|internal|internal-local|external|external-local)(?:-[0-9]+(?:-kept-[0-9a-f]+)?)+");

    private final ObservedTable observed;
    private final Map<String, List<Rule>> chains;

    /** @param choices the chains that endpoints are chosen by */
    Differences(ObservedTable observed, Skeleton skeleton, Set<ChoiceChain> choices) {
        this.observed = observed;
        chains = new LinkedHashMap<>(skeleton.chains());
        choices.forEach(chain -> chains.put(chain.label(), skeleton.choice(chain)));
    }

    /** Chains that endpoints were chosen by, and that are not needed. They go when nothing leads to them any more. */
    Set<String> leftOver() {
        Set<String> leftOver = new TreeSet<>();
        observed.chains().keySet().stream()
                .filter(name ->
                        !chains.containsKey(name) && CHOICE.matcher(name).matches())
                .forEach(leftOver::add);
        return leftOver;
    }

    /** Whether a table has the sets and the hooks that it has to have; if not, nothing of it is of use. */
    static boolean hasShape(ObservedTable observed, Family family) {
        Map<String, SetShape> shapes = new HashMap<>();
        SetShape.all(family).forEach(set -> shapes.put(set.name(), set.shape()));
        Map<String, BaseChain> bases = new HashMap<>();
        Skeleton.bases().forEach(base -> bases.put(base.name(), base));
        return observed.sets().equals(shapes) && observed.bases().equals(bases);
    }

    /**
     * Writes what makes it right.
     *
     * @param wanted all elements
     * @param looked the sets whose elements have been observed
     * @param unknown those whose elements have not been, and may be anything
     */
    void write(
            Map<TableSet, Map<ElementKey, ElementValue>> wanted,
            Set<TableSet> looked,
            Set<TableSet> unknown,
            Batch batch) {
        for (String chain : chains.keySet()) {
            if (!observed.chains().containsKey(chain)) {
                batch.addChain(chain);
            }
        }
        Map<TableSet, Map<ElementKey, ElementValue>> there = new EnumMap<>(TableSet.class);
        observed.elements()
                .forEach((key, value) ->
                        there.computeIfAbsent(key.set(), _ -> new HashMap<>()).put(key, value));
        looked.forEach(set ->
                writeElements(set, there.getOrDefault(set, Map.of()), wanted.getOrDefault(set, Map.of()), batch));
        unknown.forEach(batch::flushSet);
        unknown.forEach(set -> batch.addElements(set, wanted.getOrDefault(set, Map.of())));
        chains.forEach((chain, rules) -> {
            List<Octets> had = rules(chain);
            if (!had.equals(rules.stream().map(Rule::tag).toList())) {
                if (!had.isEmpty()) {
                    batch.flush(chain);
                }
                rules.forEach(rule -> batch.addRule(chain, rule));
            }
        });
        Set<String> strange = new TreeSet<>(observed.chains().keySet());
        strange.removeAll(chains.keySet());
        strange.removeAll(leftOver());
        // They may lead to each other.
        strange.stream().filter(chain -> !rules(chain).isEmpty()).forEach(batch::flush);
        strange.forEach(batch::deleteChain);
    }

    private List<Octets> rules(String chain) {
        return observed.chains().getOrDefault(chain, List.of());
    }

    private static void writeElements(
            TableSet set, Map<ElementKey, ElementValue> there, Map<ElementKey, ElementValue> wanted, Batch batch) {
        List<ElementKey> gone = new ArrayList<>();
        Set<ElementKey> right = new HashSet<>();
        there.forEach((key, value) -> {
            ElementValue want = wanted.get(key);
            if (want != null && want.means(value)) {
                right.add(key);
            } else {
                gone.add(key);
            }
        });
        Map<ElementKey, ElementValue> come = new LinkedHashMap<>();
        wanted.forEach((key, value) -> {
            if (!right.contains(key)) {
                come.put(key, value);
            }
        });
        batch.deleteElements(set, gone);
        batch.addElements(set, come);
    }
}
