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
 * @param treatments the elements of {@link SetShape#TREATMENTS}
 * @param elements those of the sets whose elements are computed; may be changed
 */
record ObservedTable(
        Map<String, BaseChain> bases,
        Map<String, List<Octets>> chains,
        Map<String, SetShape> sets,
        Map<Octets, String> treatments,
        Map<ElementKey, ElementValue> elements) {}
