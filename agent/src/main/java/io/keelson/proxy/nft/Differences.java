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

/** What of a table that is there is not as it has to be. */
final class Differences {
    private final ObservedTable observed;
    private final Map<String, List<Rule>> chains;

    /** @param choices the chains that endpoints are chosen by */
    Differences(ObservedTable observed, Skeleton skeleton, Set<ChoiceChain> choices) {
        this.observed = observed;
        chains = new LinkedHashMap<>(skeleton.chains());
        choices.forEach(chain -> chains.put(chain.label(), skeleton.choice(chain)));
        leftOver().forEach(chain -> chains.putIfAbsent(chain.label(), skeleton.choice(chain)));
    }

    /** Chains that endpoints are chosen by and that are there, needed or not. Those that are not go later. */
    List<ChoiceChain> leftOver() {
        return observed.chains().keySet().stream()
                .flatMap(name -> ChoiceChain.parse(name).stream())
                .toList();
    }

    /** Whether a table has the sets and the hooks that it has to have; if not, nothing of it is of use. */
    static boolean hasShape(ObservedTable observed, Family family) {
        Map<String, SetShape> shapes = new HashMap<>();
        SetShape.all(family).forEach(set -> shapes.put(set.name(), set.shape()));
        Map<String, BaseChain> bases = new HashMap<>();
        Skeleton.bases().forEach(base -> bases.put(base.name(), base));
        return observed.sets().equals(shapes)
                && observed.bases().equals(bases)
                && observed.treatments().equals(Skeleton.treatments());
    }

    /** Writes what makes it right; chains that lead to others last, so that nothing is referred to that is not there. */
    void write(Map<ElementKey, ElementValue> wanted, Batch batch) {
        for (String chain : chains.keySet()) {
            if (!observed.chains().containsKey(chain)) {
                batch.addChain(chain);
            }
        }
        writeElements(wanted, batch);
        chains.forEach((chain, rules) -> {
            List<Octets> there = observed.chains().getOrDefault(chain, List.of());
            if (!there.equals(rules.stream().map(Rule::tag).toList())) {
                if (!there.isEmpty()) {
                    batch.flush(chain);
                }
                rules.forEach(rule -> batch.addRule(chain, rule));
            }
        });
        Set<String> strange = new TreeSet<>(observed.chains().keySet());
        strange.removeAll(chains.keySet());
        // They may lead to each other.
        strange.stream().filter(chain -> !rules(chain).isEmpty()).forEach(batch::flush);
        strange.forEach(batch::deleteChain);
    }

    private List<Octets> rules(String chain) {
        return observed.chains().getOrDefault(chain, List.of());
    }

    private void writeElements(Map<ElementKey, ElementValue> wanted, Batch batch) {
        Map<TableSet, List<ElementKey>> gone = new EnumMap<>(TableSet.class);
        Map<TableSet, Map<ElementKey, ElementValue>> come = new EnumMap<>(TableSet.class);
        Set<ElementKey> right = new HashSet<>();
        observed.elements().forEach((key, value) -> {
            ElementValue want = wanted.get(key);
            if (want != null && want.means(value)) {
                right.add(key);
            } else {
                gone.computeIfAbsent(key.set(), _ -> new ArrayList<>()).add(key);
            }
        });
        wanted.forEach((key, value) -> {
            if (!right.contains(key)) {
                come.computeIfAbsent(key.set(), _ -> new LinkedHashMap<>()).put(key, value);
            }
        });
        gone.forEach(batch::deleteElements);
        come.forEach(batch::addElements);
    }
}
