/**
 * Expressions about a request, which policies and webhooks have in common: {@link
 * io.keelson.apiserver.admission.conditions.Scene} is what they look at, {@link
 * io.keelson.apiserver.admission.conditions.Compiled} what is made of their texts, and {@link
 * io.keelson.apiserver.admission.conditions.MatchConditions} decides whether a policy or a webhook is for a request at all.
 * Whose answer the request waits for then is the business of {@code policy} and {@code webhook}.
 */
@NullMarked
package io.keelson.apiserver.admission.conditions;

import org.jspecify.annotations.NullMarked;
