/**
 * The kernel's side of the rules: one table of ours for each family of addresses ({@code keelson-proxy} of {@code ip}
 * and {@code ip6}), written through netlink, without the program {@code nft}. What it has to be comes from
 * {@link io.keelson.proxy.rules.RuleTable}; {@link io.keelson.proxy.nft.Skeleton} says which chains and rules lead
 * packets through its maps. These do not grow with the number of Services, and there is one short chain for each power
 * of two up to the number of endpoints that some Service has, and one for each Service with session affinity.
 *
 * <pre>
 * prerouting, output ─► services ─frontends─► internal-4 │ external-4 ─► cluster-4 ─cluster-endpoints─► dnat
 * input, forward, output ─denials─► refused │ dropped, where nothing leads on
 * postrouting ─► masquerade what is marked, and what goes back to where it comes from
 * </pre>
 *
 * <p>All of it can be listed with {@code nft list ruleset} and loaded again from what was listed: each rule is one that
 * can be said in nft's language, and sets carry what nft notes of their types.
 *
 * <p>{@link io.keelson.proxy.nft.NftForwarding} writes each change as one transaction of the elements that differ.
 * Whether the table is still as it was left is seen by the kernel's generation of rules, and what others touched of it
 * is heard by {@link io.keelson.proxy.nft.TableWatch}; that, or after a start all, is put right in one transaction, so
 * that packets meet no gap.
 */
@NullMarked
package io.keelson.proxy.nft;

import org.jspecify.annotations.NullMarked;
