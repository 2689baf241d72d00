package io.keelson.proxy.nft;

import io.keelson.agent.netlink.NetlinkException;
import io.keelson.agent.netlink.NetlinkSocket;
import io.keelson.controllers.objects.IpAddress;
import io.keelson.proxy.rules.ChoiceChain;
import io.keelson.proxy.rules.ElementKey;
import io.keelson.proxy.rules.ElementValue;
import io.keelson.proxy.rules.Family;
import io.keelson.proxy.rules.Octets;
import io.keelson.proxy.rules.PortRules;
import io.keelson.proxy.rules.RuleTable;
import io.keelson.proxy.rules.ServicePortName;
import io.keelson.proxy.rules.TableChanges;
import io.keelson.proxy.rules.TableSet;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets the kernel forward packets of a family by a table of ours. Whatever goes wrong, the next call puts right: it reads what the
 * kernel has then. Belongs to one thread.
 */
public final class NftForwarding {
    /** What the table is called. */
    public static final String TABLE = "keelson-proxy";

    private static final Logger LOG = LoggerFactory.getLogger(NftForwarding.class);

    private final Family family;
    private final KernelTable kernel;
    private final RuleTable rules;
    private final Set<ChoiceChain> present = new HashSet<>();
    private TableSettings settings;
    private Skeleton skeleton;
    private boolean isKnown;
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

    /** Other settings, which are in effect after the next call of {@link #apply}. */
    public void configure(TableSettings other) {
        if (!other.equals(settings)) {
            settings = other;
            skeleton = new Skeleton(other);
            isKnown = false;
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

    /** How many ports of Services there are rules for. */
    public int size() {
        return rules.size();
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
        Look look = null;
        if (!isAdopted) {
            look = look();
            if (look.table() != null) {
                rules.adopt(frontends(look.table()));
            }
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
                return;
            } catch (NetlinkException e) {
                LOG.info("{} rules are not as they were left ({}): they are put right", family, e.getMessage());
                isKnown = false;
            }
        }
        repair(look == null ? look() : look);
    }

    private static Map<Octets, Octets> frontends(ObservedTable observed) {
        Map<Octets, Octets> frontends = new HashMap<>();
        observed.elements().forEach((key, value) -> {
            if (key.set() == TableSet.FRONTENDS && value.data().length() == 4) {
                frontends.put(key.key(), value.data());
            }
        });
        return frontends;
    }

    private void write(TableChanges changes) throws NetlinkException {
        if (changes.isEmpty()) {
            return;
        }
        Batch batch = kernel.batch();
        List<ChoiceChain> missing = changes.chains().stream()
                .filter(chain -> !present.contains(chain))
                .toList();
        missing.forEach(chain -> addChoice(batch, chain));
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
        kernel.write(batch);
        present.addAll(missing);
        generation++;
    }

    private void addChoice(Batch batch, ChoiceChain chain) {
        batch.addChain(chain.label());
        skeleton.choice(chain).forEach(rule -> batch.addRule(chain.label(), rule));
    }

    /**
     * Looks whether the kernel's rules are as they were left, and puts them right if not.
     *
     * @return whether they were not
     */
    public boolean check() throws NetlinkException {
        if (isKnown && kernel.generation() == generation) {
            retire();
            return false;
        }
        return repair(look());
    }

    /** Chains that nothing leads to any more go. The kernel does not let them go with what led to them. */
    private void retire() throws NetlinkException {
        Set<ChoiceChain> retired = new HashSet<>(present);
        retired.removeAll(rules.chains());
        Batch batch = kernel.batch();
        retired.forEach(chain -> {
            batch.flush(chain.label());
            batch.deleteChain(chain.label());
        });
        if (!batch.isEmpty()) {
            kernel.write(batch);
            present.removeAll(retired);
            generation++;
        }
    }

    /**
     * The table as it was at a moment.
     *
     * @param table null if there was none
     * @param generation from before it was read
     */
    private record Look(@Nullable ObservedTable table, int generation) {}

    private Look look() throws NetlinkException {
        int before = kernel.generation();
        return new Look(kernel.observe(), before);
    }

    private boolean repair(Look look) throws NetlinkException {
        isKnown = false;
        present.clear();
        present.addAll(rules.chains());
        Map<ElementKey, ElementValue> wanted = new LinkedHashMap<>();
        rules.forEach(wanted::put);
        ObservedTable observed = look.table();
        boolean isChanged;
        if (observed == null || !Differences.hasShape(observed, family)) {
            replace(observed != null, wanted);
            isChanged = true;
        } else {
            Batch batch = kernel.batch();
            Differences differences = new Differences(observed, skeleton, rules.chains());
            differences.write(wanted, batch);
            isChanged = !batch.isEmpty();
            try {
                kernel.write(batch);
                present.addAll(differences.leftOver());
            } catch (NetlinkException e) {
                LOG.warn("{} rules cannot be put right, so they are written anew: {}", family, e.getMessage());
                replace(true, wanted);
            }
        }
        generation = kernel.generation();
        // Who wrote since it was read may have written this table: it is looked at once more then.
        isKnown = generation == look.generation() + (isChanged ? 1 : 0);
        return isChanged;
    }

    /** Writes all anew, in place of what is there. */
    private void replace(boolean isThere, Map<ElementKey, ElementValue> wanted) throws NetlinkException {
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
        batch.addTreatments(Skeleton.treatments());
        Map<TableSet, Map<ElementKey, ElementValue>> bySet = new EnumMap<>(TableSet.class);
        wanted.forEach((key, value) ->
                bySet.computeIfAbsent(key.set(), _ -> new LinkedHashMap<>()).put(key, value));
        bySet.forEach(batch::addElements);
        kernel.write(batch);
    }

    /** Takes the table away, if there is one. */
    public void remove() throws NetlinkException {
        isKnown = false;
        if (kernel.observe() != null) {
            Batch batch = kernel.batch();
            batch.deleteTable();
            kernel.write(batch);
        }
    }
}
