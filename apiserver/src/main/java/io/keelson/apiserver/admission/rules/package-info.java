/**
 * Which requests a webhook or a policy of admission is for, and how it gets to see them: by rules, by the labels of the
 * object and of its namespace, and in the version that its rules name, whichever the client has sent.
 */
@NullMarked
package io.keelson.apiserver.admission.rules;

import org.jspecify.annotations.NullMarked;
