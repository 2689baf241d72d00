package io.keelson.proxy.nft;

import io.keelson.agent.netlink.NetlinkException;
import io.keelson.agent.netlink.NetlinkSocket;
import io.keelson.controllers.objects.IpAddress;
import io.keelson.proxy.rules.ChoiceChain;
import io.keelson.proxy.rules.ElementKey;
import io.keelson.proxy.rules.ElementValue;
import io.keelson.proxy.rules.Family;
import io.keelson.proxy.rules.PortRules;
import io.keelson.proxy.rules.RuleTable;
import io.keelson.proxy.rules.ServicePortName;
import io.keelson.proxy.rules.TableChanges;
import io.keelson.proxy.rules.TableSet;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets the kernel forward packets of a family by a table of ours. Whatever goes wrong, the next call puts right.
 * Belongs to one thread.
 *
 * <p>What others change is found by the kernel's generation of rules, which grows with each change of any table. With a
 * watch it is known then which of our sets were touched, if any, and no others are looked at. A set of many elements is
 * not read but written anew, in one transaction with the rest: the kernel takes some hundred thousand elements in a
 * fraction of the time in which it lists them, as it goes through all that it has listed already for each page.
 */
public final class NftForwarding {
    /** What the table is called. */
    public static final String TABLE = "keelson-proxy";

    private static final Logger LOG = LoggerFactory.getLogger(NftForwarding.class);
    /** A set of more elements is written anew rather than read. */
    private static final int READ_ELEMENTS_MAX = 20_000;
    /**
     * A larger transaction is not told to who listens: the kernel would keep a page of memory for each element till its
     * end.
     */
    private static final int TOLD_BYTES_MAX = 1 << 20;
    /** Chains that nothing leads to any more wait for so many others, as one of them may be needed again soon. */
    private static final int LINGERING_MAX = 64;

    private final Family family;
    private final KernelTable kernel;
    private final RuleTable rules;
    private final Set<String> present = new HashSet<>();
    private final Set<String> lingering = new HashSet<>();
    private TableSettings settings;
    private Skeleton skeleton;
    private @Nullable TableWatch watch;
    private Touched suspected = Touched.ALL;
    private boolean isKnown;
    private boolean isOutdated;
    private boolean isAdopted;
    private int generation;

    /** Nothing is written before the first call of {@link #apply}. */
    public NftForwarding(NetlinkSocket socket, TableSettings settings) {
        family = settings.family();
        kernel = new KernelTable(socket, family, TABLE);
        rules = new RuleTable(family);
        this.settings = settings;
        skeleton = new Skeleton(settings);
    }

    /** Is told by somebody what others touch. Before the first call of {@link #apply}. */
    public void watchedBy(TableWatch other) {
        watch = other;
    }

    /** Other settings, which are in effect after the next call of {@link #apply}. */
    public void configure(TableSettings other) {
        if (!other.equals(settings)) {
            settings = other;
            skeleton = new Skeleton(other);
            isOutdated = true;
        }
    }

    /**
     * Tries whether the kernel takes rules of a family.
     *
     * @throws NetlinkException if it does not, with its reason
     */
    public static void probe(NetlinkSocket socket, Family family) throws NetlinkException {
        KernelTable table = new KernelTable(socket, family, TABLE + "-probe");
        Batch batch = table.batch();
        batch.addTable();
        batch.addChain(new BaseChain("probe", "nat", BaseChain.OUTPUT, 100));
        batch.deleteTable();
        table.write(batch);
    }

    /**
     * Brings the kernel's rules up to date.
     *
     * @param put ports whose rules may have changed
     * @param removed ports that are gone
     * @param nodeAddresses where node ports are served; null if that is as it was
     * @throws NetlinkException if the kernel refuses; the next call tries again
     */
    public void apply(
            Collection<PortRules> put,
            Collection<ServicePortName> removed,
            @Nullable Collection<IpAddress> nodeAddresses)
            throws NetlinkException {
        if (!isAdopted) {
            ObservedTable former = kernel.observe(adoptable(put));
            rules.adopt(former == null ? Map.of() : former.elements());
        }
        TableChanges changes = new TableChanges();
        removed.forEach(name -> rules.remove(name, changes));
        put.forEach(port -> rules.put(port, changes));
        if (nodeAddresses != null) {
            rules.serveNodePortsAt(nodeAddresses, changes);
        }
        if (!isAdopted) {
            rules.adopted();
            isAdopted = true;
        }
        if (isKnown) {
            try {
                write(changes);
                if (!isOutdated) {
                    return;
                }
                suspected = suspected.and(Touched.RULES);
            } catch (NetlinkException e) {
                LOG.info("{} rules are not as they were left ({}): they are put right", family, e.getMessage());
                suspected = Touched.ALL;
            }
        }
        boolean _ = repair();
    }

    /** Endpoints that clients keep are known again in any case; which index others had is not worth a long list. */
    private static Set<TableSet> adoptable(Collection<PortRules> put) {
        long endpoints = 0;
        for (PortRules port : put) {
            endpoints += (long) port.frontends().size()
                    * (port.cluster().size() + port.local().size());
        }
        return endpoints > READ_ELEMENTS_MAX
                ? EnumSet.of(TableSet.KEPT_ENDPOINTS)
                : EnumSet.of(TableSet.KEPT_ENDPOINTS, TableSet.CLUSTER_ENDPOINTS, TableSet.LOCAL_ENDPOINTS);
    }

    private void write(TableChanges changes) throws NetlinkException {
        if (changes.isEmpty()) {
            return;
        }
        Batch batch = kernel.batch();
        Set<String> needed = new HashSet<>();
        List<ChoiceChain> missing = new ArrayList<>();
        for (ChoiceChain chain : changes.chains()) {
            String label = chain.label();
            needed.add(label);
            if (!present.contains(label)) {
                missing.add(chain);
                batch.addChain(label);
            }
        }
        for (ChoiceChain chain : missing) {
            if (lingering.contains(chain.label())) {
                batch.flush(chain.label());
            }
            skeleton.choice(chain).forEach(rule -> batch.addRule(chain.label(), rule));
        }
        Map<TableSet, List<ElementKey>> gone = new EnumMap<>(TableSet.class);
        Map<TableSet, Map<ElementKey, ElementValue>> come = new EnumMap<>(TableSet.class);
        changes.elements().forEach((key, difference) -> {
            if (difference.before() != null) {
                gone.computeIfAbsent(key.set(), _ -> new ArrayList<>()).add(key);
            }
            if (difference.after() != null) {
                come.computeIfAbsent(key.set(), _ -> new LinkedHashMap<>()).put(key, difference.after());
            }
        });
        gone.forEach(batch::deleteElements);
        come.forEach(batch::addElements);
        Set<String> retired = new HashSet<>();
        if (lingering.size() > LINGERING_MAX) {
            retired.addAll(lingering);
            retired.removeAll(needed);
            retire(retired, batch);
        }
        send(batch);
        generation++;
        present.addAll(needed);
        present.removeAll(retired);
        lingering.removeAll(retired);
        lingering.removeAll(needed);
        changes.left().forEach(chain -> lingering.add(chain.label()));
    }

    /**
     * Chains that nothing leads to any more go. The kernel does not let them go with what led to them.
     *
     * @param retired may lead to each other
     */
    private static void retire(Set<String> retired, Batch batch) {
        retired.forEach(batch::flush);
        retired.forEach(batch::deleteChain);
    }

    /**
     * Looks whether the kernel's rules are as they were left, and puts them right if not.
     *
     * @return whether they were not, or may not have been
     */
    public boolean check() throws NetlinkException {
        int now = kernel.generation();
        suspected = suspected.and(touched(now));
        if (!isKnown || suspected.isAny()) {
            return repair();
        }
        generation = now;
        if (!lingering.isEmpty()) {
            Batch batch = kernel.batch();
            retire(lingering, batch);
            kernel.write(batch);
            generation++;
            present.removeAll(lingering);
            lingering.clear();
        }
        return false;
    }

    /** What others have touched, if they did anything since the last time. */
    private Touched touched(int now) {
        boolean isSame = isKnown && now == generation;
        Touched touched = watch == null ? Touched.ALL : watch.take(family, now);
        return isSame ? Touched.NOTHING : touched;
    }

    private Map<TableSet, Map<ElementKey, ElementValue>> wanted() {
        Map<TableSet, Map<ElementKey, ElementValue>> wanted = new EnumMap<>(TableSet.class);
        rules.forEach((key, value) ->
                wanted.computeIfAbsent(key.set(), _ -> new LinkedHashMap<>()).put(key, value));
        return wanted;
    }

    private boolean repair() throws NetlinkException {
        Touched doubtful = isKnown ? suspected : Touched.ALL;
        isKnown = false;
        int before = kernel.generation();
        // What others do from now on is found the next time.
        doubtful = watch == null ? doubtful : doubtful.and(watch.take(family, before));
        Map<TableSet, Map<ElementKey, ElementValue>> wanted = wanted();
        Set<TableSet> looked = EnumSet.noneOf(TableSet.class);
        Set<TableSet> unknown = EnumSet.noneOf(TableSet.class);
        for (TableSet set : TableSet.values()) {
            if (doubtful.mayBe(set.label())) {
                boolean isLarge = wanted.getOrDefault(set, Map.of()).size() > READ_ELEMENTS_MAX;
                (isLarge ? unknown : looked).add(set);
            }
        }
        ObservedTable observed = kernel.observe(looked);
        present.clear();
        lingering.clear();
        rules.chains().forEach(chain -> present.add(chain.label()));
        boolean isChanged = true;
        boolean isSure;
        if (observed == null || !Differences.hasShape(observed, family)) {
            isSure = replace(observed != null, wanted);
        } else {
            Batch batch = kernel.batch();
            Differences differences = new Differences(observed, skeleton, rules.chains());
            differences.write(wanted, looked, unknown, batch);
            isChanged = !batch.isEmpty();
            try {
                isSure = send(batch);
                lingering.addAll(differences.leftOver());
            } catch (NetlinkException e) {
                LOG.warn("{} rules cannot be put right, so they are written anew: {}", family, e.getMessage());
                isSure = replace(true, wanted);
            }
        }
        isOutdated = false;
        generation = kernel.generation();
        if (generation == before + (isChanged ? 1 : 0)) {
            suspected = Touched.NOTHING;
            isKnown = true;
        } else {
            // Who wrote since it was read may have written this table: it is looked at once more then.
            suspected = isSure && watch != null ? watch.take(family, generation) : Touched.ALL;
            isKnown = watch != null;
        }
        return isChanged;
    }

    /**
     * Writes a batch, unheard by the watch if it is large.
     *
     * @return whether what others did meanwhile is known to the watch
     */
    private boolean send(Batch batch) throws NetlinkException {
        TableWatch listening = watch;
        if (listening == null || batch.size() < TOLD_BYTES_MAX) {
            kernel.write(batch);
            return true;
        }
        int heard = kernel.generation();
        boolean hasHeard = listening.hasHeard(heard);
        listening.pause();
        int before = kernel.generation();
        try {
            kernel.write(batch);
        } finally {
            listening.resume();
        }
        int after = kernel.generation();
        boolean isOwn = hasHeard && before == heard && after == before + 1;
        listening.knows(after, isOwn);
        return isOwn;
    }

    /** Writes all anew, in place of what is there; returns what {@link #send} does. */
    private boolean replace(boolean isThere, Map<TableSet, Map<ElementKey, ElementValue>> wanted)
            throws NetlinkException {
        Batch batch = kernel.batch();
        if (isThere) {
            batch.deleteTable();
        }
        batch.addTable();
        SetShape.all(family).forEach(batch::addSet);
        Skeleton.bases().forEach(batch::addChain);
        Map<String, List<Rule>> chains = new LinkedHashMap<>(skeleton.chains());
        rules.chains().forEach(chain -> chains.put(chain.label(), skeleton.choice(chain)));
        Set<String> bases = new HashSet<>();
        Skeleton.bases().forEach(base -> bases.add(base.name()));
        chains.keySet().stream().filter(chain -> !bases.contains(chain)).forEach(batch::addChain);
        chains.forEach((chain, all) -> all.forEach(rule -> batch.addRule(chain, rule)));
        wanted.forEach(batch::addElements);
        return send(batch);
    }

    /** Takes the table away, if there is one. */
    public void remove() throws NetlinkException {
        isKnown = false;
        if (kernel.exists()) {
            Batch batch = kernel.batch();
            batch.deleteTable();
            kernel.write(batch);
        }
    }
}
