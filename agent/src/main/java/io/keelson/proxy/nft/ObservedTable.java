package io.keelson.proxy.nft;

import io.keelson.proxy.rules.ElementKey;
import io.keelson.proxy.rules.ElementValue;
import io.keelson.proxy.rules.Octets;
import java.util.List;
import java.util.Map;

/**
 * A table as the kernel has it.
 *
 * @param bases chains that packets come to by themselves, by their names
 * @param chains all chains with the tags of their rules
 * @param sets how its sets are made
 * @param elements those of the sets that were looked at
 */
record ObservedTable(
        Map<String, BaseChain> bases,
        Map<String, List<Octets>> chains,
        Map<String, SetShape> sets,
        Map<ElementKey, ElementValue> elements) {}
