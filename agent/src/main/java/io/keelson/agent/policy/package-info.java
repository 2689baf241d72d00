/**
 * Network policies of the pods on this node, by {@code nftables}. Policies, pods and namespaces come in from the API, and from the
 * agent the addresses of pods that it starts; out goes one table of rules, {@code inet keelson-policy}.
 *
 * <pre>
 *   NetworkPolicies, Pods, Namespaces            {@link io.keelson.agent.policy.NetworkPolicies}: from the API, and protect(pod, addresses)
 *        │ {@link io.keelson.agent.policy.PolicyReader}, {@link io.keelson.agent.policy.PolicyPod}
 *        ▼
 *   {@link io.keelson.agent.policy.PolicyTable}      what is to be in the table, kept up with each change
 *        ├─ {@link io.keelson.agent.policy.KnownPods}      who has which address
 *        ├─ {@link io.keelson.agent.policy.PeerSets}       addresses of pods that policies select; ports by their names
 *        ├─ {@link io.keelson.agent.policy.PolicyChains}   what policies allow
 *        └─ {@link io.keelson.agent.policy.TableContent}   → {@link io.keelson.agent.policy.TableChanges} → {@link io.keelson.agent.policy.TableText} → nft
 * </pre>
 *
 * <p>The table, worked through: a pod {@code 10.244.7.2} of this node is isolated by {@code shop/web}, which allows pods with
 * {@code app=front} at port 80, and by {@code shop/monitoring}.
 *
 * <pre>
 *   chain ingress     forward: replies, what a pod sends to itself; then  ip daddr vmap @ingress4
 *   map ingress4      10.244.7.2 : goto ingress-of-5f…
 *   chain ingress-of-5f…            jump ingress/shop/monitoring-…; jump ingress/shop/web-…; counter drop
 *   chain ingress/shop/web-…        ip saddr @pods4-1c… tcp dport 80 accept
 *   set pods4-1c…                   the addresses of all pods with app=front in shop, on whatever node
 * </pre>
 *
 * <p>So a pod that comes or goes is some elements, a policy is a chain, and a pod that no policy selects costs one look-up. The
 * rules see addresses after a proxy has put endpoints for Services, and before any is masqueraded, as they are where packets are
 * forwarded. What the node sends to its pods, and they to it, is not forwarded: it is always allowed, as the specification has it,
 * probes of the agent among it. Each packet of a connection is judged, not its first one alone, but for replies: a connection that
 * a new policy does not allow goes silent at once.
 *
 * <p>The table is written by {@code nft}, in one transaction for all that has changed by then, some five milliseconds for a few
 * elements or for many: what it writes it can read, so people see the rules by {@code nft list ruleset}, and nothing but text has
 * to be right here.
 */
@NullMarked
package io.keelson.agent.policy;

import org.jspecify.annotations.NullMarked;
