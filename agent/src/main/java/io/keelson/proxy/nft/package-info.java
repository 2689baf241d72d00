/**
 * The kernel's side of the rules: one table of ours for each family of addresses ({@code keelson-proxy} of {@code ip} and {@code
 * ip6}), written through netlink, without the program {@code nft}. What it has to be comes from {@link
 * io.keelson.proxy.rules.RuleTable}; {@link io.keelson.proxy.nft.Skeleton} says which chains and rules lead packets through its
 * maps. These do not grow with the number of Services, and there is one short chain for each number of endpoints that some
 * Service has.
 *
 * <pre>
 * prerouting, output ─► services ─frontends─► internal │ external ─groups─► cluster-3 │ local-2 ─endpoints─► dnat
 * input, forward, output ─frontends─► reject or drop, where nothing leads on
 * postrouting ─► masquerade what is marked, and what goes back to where it comes from
 * </pre>
 *
 * <p>{@link io.keelson.proxy.nft.NftForwarding} writes each change as one transaction of the elements that differ. Whether the
 * table is still as it was left is seen by the kernel's generation of rules, and at once by {@link
 * io.keelson.proxy.nft.TableWatch}; if it is not, as after a start or when somebody flushed it, the table is read, and what
 * differs is put right in one transaction, so that packets meet no gap.
 */
@NullMarked
package io.keelson.proxy.nft;

import org.jspecify.annotations.NullMarked;
