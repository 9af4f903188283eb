//! Circles in a graph of dependencies: strongly connected components (Tarjan 1972), without recursion.
//!
//! Does *not* say which edge closes the circle: none of them is more to blame.

/// Groups of rows that reach each other, and rows that need themselves. In the order of their smallest row; each group rising.
pub(super) fn circles(nodes: usize, edges: &[(u32, u32)]) -> Vec<Vec<u32>> {
    let mut first = vec![0_u32; nodes + 1];
    for (from, _) in edges {
        first[*from as usize + 1] += 1;
    }
    for n in 0..nodes {
        first[n + 1] += first[n];
    }
    let mut next = first.clone();
    let mut to = vec![0_u32; edges.len()];
    let mut own = vec![false; nodes];
    for (a, b) in edges {
        let slot = &mut next[*a as usize];
        to[*slot as usize] = *b;
        *slot += 1;
        own[*a as usize] |= a == b;
    }
    let mut search = Search {
        index: vec![0; nodes],
        low: vec![0; nodes],
        on: vec![false; nodes],
        stack: Vec::new(),
        count: 0,
    };
    let mut found = Vec::new();
    let mut edge = first.clone();
    let mut calls: Vec<u32> = Vec::new();
    for start in 0..nodes {
        if search.index[start] != 0 {
            continue;
        }
        calls.push(super::build::offset(start));
        search.enter(start);
        while let Some(&node) = calls.last() {
            let n = node as usize;
            if edge[n] < first[n + 1] {
                let target = to[edge[n] as usize] as usize;
                edge[n] += 1;
                if search.index[target] == 0 {
                    search.enter(target);
                    calls.push(super::build::offset(target));
                } else if search.on[target] {
                    search.low[n] = search.low[n].min(search.index[target]);
                }
                continue;
            }
            calls.pop();
            if let Some(&caller) = calls.last() {
                let low = search.low[n];
                let of = &mut search.low[caller as usize];
                *of = (*of).min(low);
            }
            if search.low[n] == search.index[n] {
                let mut group = search.leave(node);
                if group.len() > 1 || own[n] {
                    group.sort_unstable();
                    found.push(group);
                }
            }
        }
    }
    found.sort_unstable();
    found
}

struct Search {
    index: Vec<u32>,
    low: Vec<u32>,
    on: Vec<bool>,
    stack: Vec<u32>,
    count: u32,
}

impl Search {
    fn enter(&mut self, node: usize) {
        self.count += 1;
        self.index[node] = self.count;
        self.low[node] = self.count;
        self.on[node] = true;
        self.stack.push(super::build::offset(node));
    }

    fn leave(&mut self, root: u32) -> Vec<u32> {
        let from = self.stack.iter().rposition(|n| *n == root).unwrap_or(0);
        let group = self.stack.split_off(from);
        for n in &group {
            self.on[*n as usize] = false;
        }
        group
    }
}
