// The numbered rules of schema/PROTOCOL.md, and who cites them.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "tidy/source_file.hpp"

namespace tidy {

/// What the protocol's text defines: a line that begins with "- **P1**" is rule P1.
std::set<std::string> defined_rules(const SourceFile& protocol);

/// The rules that `line` cites: one capital letter and one or two digits, as a word of its own.
std::vector<std::string> cited_rules(std::string_view line);

/// Both directions, over the whole project: every rule that is cited anywhere is defined; every rule that is defined is
/// cited by the product's code and named by a test, in the words of a test case or in a transcript. What the checks of
/// this folder say of rules counts for nothing.
Complaints judge_rules(const std::vector<SourceFile>& files);

}  // namespace tidy
