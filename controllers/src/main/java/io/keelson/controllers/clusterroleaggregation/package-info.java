/**
 * Keeps ClusterRoles that are made of others: their rules are those of all ClusterRoles that their selectors select.
 * {@link io.keelson.controllers.clusterroleaggregation.AggregatedRules} puts them together.
 */
@NullMarked
package io.keelson.controllers.clusterroleaggregation;

import org.jspecify.annotations.NullMarked;
