/**
 * Admission by policies: rules in CEL that are objects of the cluster, and judge or change what is written without anybody
 * being asked over the network.
 *
 * <pre>
 * policies, bindings ──► PolicySource ──► Active (a policy, compiled, and the bindings that put it to use)
 *                                            │ RequestMatcher: policy and binding are for this request?
 *                                            │ Params: what the binding gives the policy to look at
 *                                            ▼
 *                                         Invocation ──► Scene (object, request, variables …) ──► CEL
 *                                            │
 *                   MutatingAdmissionPolicy ─┤ Mutation: a JSON patch, or a configuration that is applied
 *                                            │
 *                 ValidatingAdmissionPolicy ─┘ Decision: admitted or not, and why
 * </pre>
 *
 * <p>Everything comes out of caches. Every expression has a budget of work, and so have all expressions of a policy
 * together for one request; one that needs more fails, as does one that meets something it did not expect. What becomes of a
 * write then says the policy's {@code failurePolicy}.
 *
 * <p>{@link io.keelson.apiserver.admission.policy.TypeChecking} has no part in that: it tells authors of policies which of their
 * expressions do not fit the kinds that they are for.
 *
 * <p>{@link ValidatingPolicyMetrics} counts what comes of validations.
 */
@NullMarked
package io.keelson.apiserver.admission.policy;

import org.jspecify.annotations.NullMarked;
