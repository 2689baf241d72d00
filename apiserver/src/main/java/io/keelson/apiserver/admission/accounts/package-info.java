/** What pods get from the account that they run as: its token, and the secrets they may use. */
@NullMarked
package io.keelson.apiserver.admission.accounts;

import org.jspecify.annotations.NullMarked;
